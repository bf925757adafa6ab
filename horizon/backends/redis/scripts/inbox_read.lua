-- inbox_read: some of what waits to be admitted.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: first, last: which, counted from 0 in the order of arrival
-- returns  {envelope, payload} of each
--include base
local ask, found = cjson.decode(ARGV[2]), {}
for at, id in ipairs(call('ZRANGE', P .. 'ib', ask.first, ask.last)) do
    found[at] = call('HMGET', P .. 'ib:' .. id, 'envelope', 'payload')
end
return found
