-- tally: how many failed jobs stand with each of some causes, counted by the pieces of their index, the latest first.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: causes: rows of {cause, piece to begin with, -1 for the last, how many may be looked at for it}; looks: how
--          many in all
-- returns  for as many of the causes as there were looks, in their order: {how many jobs, time of end of the first and of the
--          last of them, or nil, pieces looked at, piece to go on with, or nil where that was all}
--include base layout packed pieces slots
local ask, rows = cjson.decode(ARGV[2]), {}
local first, last = bounds_of({'f7'}, false, false)
local left = ask.looks

-- When the oldest (`pick` is math.min) or newest of those in a piece ended.
local function end_in(key, chunk, pick)
    local place = nil
    for _, bit in ipairs(call('SMEMBERS', key .. chunk)) do
        place = place and pick(place, num(bit)) or num(bit)
    end
    local r = fields(slot(call('GET', P .. 'f7:' .. chunk), place))
    return r and r.F or false
end

local function counted(cause, from, most)
    local key, count, newest, oldest = P .. 'f7:k' .. cause .. ':', 0, nil, nil
    local begin = from < 0 and last or math.min(from, last)
    local stop = math.max(first, begin - math.min(left, most) + 1)
    for chunk = begin, stop, -1 do
        local here = call('SCARD', key .. chunk)
        if here > 0 then
            count, newest, oldest = count + here, newest or chunk, chunk
        end
    end
    local looked = math.max(0, begin - stop + 1)
    left = left - looked
    local ended = count > 0 and end_in(key, newest, math.max)
    return {count, count > 0 and end_in(key, oldest, math.min), ended, looked, stop > first and stop - 1 or false}
end

for _, one in ipairs(ask.causes) do
    if left > 0 then
        rows[#rows + 1] = first and counted(one[1], one[2], one[3]) or {0, false, false, 0, false}
    end
end
return rows
