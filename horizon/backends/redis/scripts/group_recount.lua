-- group_recount: count the members of a group themselves, in some of its pieces, and the groups in it.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: id; piece: where to begin, or false; pieces: how many to count
-- returns  {figures by state in which 0 is all, fields and values of the group by turns, piece to go on with or nil}
--include base layout packed
local ask, counted, flat = cjson.decode(ARGV[2]), {}, {}
local bounds = call('HMGET', P .. 'G:' .. ask.id, 'lo', 'hi')
local first, last = ask.piece or num(bounds[1] or 0), num(bounds[2] or -1)

local function one_more(state)
    counted[state] = (counted[state] or 0) + 1
    counted['0'] = (counted['0'] or 0) + 1
end

for chunk = first, math.min(last, first + ask.pieces - 1) do
    local ns = call('SUNION', P .. 'n:b' .. ask.id .. ':' .. chunk, P .. 'N:b' .. ask.id .. ':' .. chunk)
    for _, text in ipairs(#ns > 0 and call('HMGET', P .. 'j:' .. chunk, unpack(ns)) or {}) do
        local r = text and unpacked(text)
        if r and r.gd ~= '0' then
            one_more(r.gd or r.s)
        end
    end
end
local goes_on = first + ask.pieces <= last and first + ask.pieces or false
if not goes_on then
    for _, id in ipairs(call('ZRANGE', P .. 'gc:' .. ask.id, 0, 9999)) do
        local state = call('HGET', P .. 'G:' .. id, 's')
        if state then
            one_more(ended(state) and state or '1')
        end
    end
end
for field, times in pairs(counted) do
    flat[#flat + 1] = field
    flat[#flat + 1] = times
end
return {flat, call('HGETALL', P .. 'G:' .. ask.id), goes_on}
