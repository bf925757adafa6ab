-- tally_ends: when the first and the last job failed of some causes.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: rows of {cause, the latest piece with any, the oldest}
-- returns  {time of the first, time of the last} of each, or nil where it has gone meanwhile
--include base layout packed pieces slots
local rows = {}

local function end_at(cause, chunk, which)
    local place = (select(which, ends_of('f7:k' .. cause .. ':' .. chunk)))
    local r = place and fields(slot(call('GET', P .. 'f7:' .. chunk), place))
    return r and r.F or false
end

for at, one in ipairs(cjson.decode(ARGV[2])) do
    rows[at] = {end_at(one[1], one[3], 1), end_at(one[1], one[2], 2)}
end
return rows
