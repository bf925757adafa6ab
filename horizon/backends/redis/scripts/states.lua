-- states: where some jobs stand.
--
-- KEYS[1]   the connection's prefix
-- ARGV[1]   the time, or empty
-- ARGV[2]   JSON: nothing
-- ARGV[3..] ids
-- returns   for each in the order asked: the code of its state, or empty where it is not there
--include base layout packed record
local found = {}
for at = 3, #ARGV do
    local n = numbered(ARGV[at])
    local r = n and load(n)
    found[#found + 1] = r and r.s or ''
end
return found
