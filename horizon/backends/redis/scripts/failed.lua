-- failed: one piece of the list of failed jobs, those that have the same to tell counted together.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: since; from: the piece to look at, -1 for the last; limit: how many may be looked at; each: length of a
--          span, or false where only causes are asked for
-- returns  {rows, how many were looked at, piece to go on with, or nil where that was all}; a row is {cause, times, newest n,
--          newest and oldest time of end, span, worker or nil, version or nil}
--include base layout packed pieces slots
local ask, rows, groups, looked = cjson.decode(ARGV[2]), {}, {}, 0
local first, last = bounds_of({'f7'}, ask.since, false)
if not first then
    return {rows, 0, false}
end
local chunk = ask.from < 0 and last or ask.from
local found = slots_of('f7', chunk)

local function version_of(n, r)
    return cjson.decode(line_of(r, n)).V or false
end

local function group_of(n, r)
    local cause, span, worker, version = r.E, 0, false, false
    if ask.each then
        span = math.floor((num(r.F) - ask.since) / ask.each)
        worker, version = r.W or false, version_of(n, r)
    end
    local key = cause .. '\0' .. span .. '\0' .. tostring(worker) .. '\0' .. tostring(version)
    if not groups[key] then
        groups[key] = {cause, 0, n, r.F, r.F, span, worker, version}
        rows[#rows + 1] = groups[key]
    end
    return groups[key]
end

for at = #found, 1, -1 do
    local n = found[at][2]
    local r = fields(n)
    if r and r.E and num(r.F) >= ask.since and looked < ask.limit then
        looked = looked + 1
        local group = group_of(n, r)
        group[2], group[5] = group[2] + 1, r.F
    end
end
return {rows, looked, chunk > first and chunk - 1 or false}
