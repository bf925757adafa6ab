-- recount: count the records of some pieces themselves.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: skip: how many pieces were counted before; pieces: how many to count
-- returns  {counted, counters, how many pieces have been counted, or nil where that was all}; both are figures by queue:state
--include base layout packed
local ask, counted, flat = cjson.decode(ARGV[2]), {}, {}
local pieces = call('ZRANGE', P .. 'nc', ask.skip, ask.skip + ask.pieces - 1)
for _, entry in ipairs(pieces) do
    local chunk = entry:match('^%d+')
    local ns = call('SMEMBERS', P .. 'n:a:' .. chunk)
    for _, text in ipairs(#ns > 0 and call('HMGET', P .. 'j:' .. chunk, unpack(ns)) or {}) do
        local r = text and unpacked(text)
        if r and not r.hd and not r.nd then
            local field = r.q .. ':' .. r.s
            counted[field] = (counted[field] or 0) + 1
        end
    end
end
for field, times in pairs(counted) do
    flat[#flat + 1] = field
    flat[#flat + 1] = times
end
return {flat, call('HGETALL', P .. 'cq'), #pieces == ask.pieces and ask.skip + ask.pieces or false}
