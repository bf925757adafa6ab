-- A record as it is read back, by show.py: {number, its text, header, error or nil, worker of the attempt under way or nil,
-- ids it waits for or nil, payload or nil, of a parked one {limit, most, per, strategy} or nil}.
-- The id of a job, or of a group: as text behind a zero (see header.py).
local function id_of(n)
    if n:byte(1) == 103 then
        return '\0' .. n:sub(2) .. (#n == 16 and '\0' or '')
    end
    local r = fields(n)
    return r and r.i or false
end

local function waits_for(n)
    local found = {}
    local flat = call('HGETALL', P .. 'e:' .. n)
    for at = 1, #flat, 2 do
        for met in flat[at + 1]:gmatch('.(.)') do
            found[#found + 1] = met == '0' and id_of(flat[at]) or nil
        end
    end
    return found
end

-- What keeps a parked job: see lots.lua.
local function limit_of(r)
    local key = call('HGET', P .. 'lo:' .. r.q .. ':' .. cjson.encode(r.lk), 'x')
    return key and {key, unpack(call('HMGET', P .. 'lm:' .. key, 'most', 'per', 'how'))}
end

local function raw(n, payload)
    local r = fields(n)
    return r and {
        n, r.text, line_of(r, n), r.E and call('GET', P .. 'x:' .. n) or false,
        r.w and (call('HGET', P .. 's:' .. r.w, 'worker') or r.w) or false,
        r.we and r.s == BLOCKED and waits_for(n) or false,
        payload and blob_of(r, n, r.h, -1) or false, r.lw and limit_of(r) or false,
    } or nil, r
end
