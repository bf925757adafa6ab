-- group_get: groups as they are kept (see parts/members.lua).
--
-- KEYS[1]   the connection's prefix
-- ARGV[1]   the time, or empty
-- ARGV[2]   JSON: ids
-- returns   {id, fields and values by turns} of those there are, in the order asked
--include base
local found = {}
for _, id in ipairs(cjson.decode(ARGV[2]).ids) do
    local flat = call('HGETALL', P .. 'G:' .. id)
    if #flat > 0 then
        found[#found + 1] = {id, flat}
    end
end
return found
