-- oldest: since when the oldest pending job of each queue could have run.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: names of queues, or false for all
-- returns  names and times by turns
--include base
local names, found = cjson.decode(ARGV[2]), {}
local codes = names and #names > 0 and call('HMGET', P .. 'qd', unpack(names)) or names or call('SMEMBERS', P .. 'bq')
for _, code in ipairs(codes) do
    local first = code and call('ZRANGE', P .. 'y:' .. code, 0, 0, 'WITHSCORES')
    if first and first[1] then
        found[#found + 1] = call('LINDEX', P .. 'ql', code - 1)
        found[#found + 1] = digits(num(first[2]))
    end
end
return found
