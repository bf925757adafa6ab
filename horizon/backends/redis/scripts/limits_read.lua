-- limits_read: limits as they are kept.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: keys, or how many of those for which most jobs are parked
-- returns  {time, key and fields (see parts/gauges.lua) by turns}
--include base
local ask, found = cjson.decode(ARGV[2]), {}
local keys = type(ask) == 'table' and ask or call('ZRANGE', P .. 'll', 0, ask - 1)
for _, key in ipairs(keys) do
    local flat = call('HGETALL', P .. 'lm:' .. key)
    if #flat > 0 then
        found[#found + 1] = key
        found[#found + 1] = flat
    end
end
return {NOW, found}
