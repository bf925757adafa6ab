-- many: those of some ids that exist, without the heavy parts.
--
-- KEYS[1]   the connection's prefix
-- ARGV[1]   the time, or empty
-- ARGV[2]   JSON: payload: whether it is wanted too
-- ARGV[3..] ids
-- returns   raw records in the order asked
--include base layout packed record show
local found, payload = {}, cjson.decode(ARGV[2]).payload
for at = 3, #ARGV do
    local n = numbered(ARGV[at])
    found[#found + 1] = n and raw(n, payload) or nil
end
return found
