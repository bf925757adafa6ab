-- queues: what is set for every queue that was ever heard of, or for one.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: name, or false for all
-- returns  {time, names and their fields by turns}
--include base
local name, found = cjson.decode(ARGV[2]), {}
local names = name and {name} or call('LRANGE', P .. 'ql', 0, 9999)
for _, one in ipairs(names) do
    local code = call('HGET', P .. 'qd', one)
    found[#found + 1] = one
    found[#found + 1] = code and call('HGETALL', P .. 'q:' .. code) or {}
end
return {NOW, found}
