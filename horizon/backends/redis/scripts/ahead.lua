-- ahead: how many jobs start before one that waits for its turn, or for room in its limits.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: n: the job's number
-- returns  how many, or nil where it does not wait so
--include base layout packed
local ask = cjson.decode(ARGV[2])
local r = fields(digits(ask.n))
if not r then
    return false
end
if r.s == PENDING then
    local before = call('ZRANK', P .. 'w:' .. r.q .. ':' .. r.r, ordered(digits(ask.n)))
    for _, priority in ipairs(before and call('ZRANGE', P .. 'b:' .. r.q, 0, -1) or {}) do
        if num(priority) > num(r.r) then
            before = before + call('ZCARD', P .. 'w:' .. r.q .. ':' .. priority)
        end
    end
    return before
end
if r.s ~= SCHEDULED or not r.lk then
    return false
end
local member = struct.pack('>I2d', 32768 - num(r.r), num(r.p)) .. ordered(digits(ask.n))
return call('ZRANK', P .. 'lp:' .. r.q .. ':' .. cjson.encode(r.lk), member)
