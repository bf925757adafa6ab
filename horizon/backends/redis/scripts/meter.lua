-- meter: take some of what is left of a limit, or give it back. A stretch of time is cut into slices, as backends/slices.py
-- says; mc holds for each slice how many were taken and until when they count, mt the slices by that time.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: verb: take, give_back; key; shared: the key where there is no room for another; most; slices; limit, per; count
-- returns  {granted, microseconds until some are there again, for how long what was granted is good}
--include base freely
local ask = cjson.decode(ARGV[2])
local key = ask.key

local function kept_of(name)
    local found, any = {}, false
    for place = 0, ask.slices do
        local text = call('HGET', P .. 'mc', name .. ' ' .. place)
        if text then
            local taken, ends = text:match('^(%d+):(%d+)$')
            found[place], any = {taken = num(taken), ends = num(ends)}, true
        end
    end
    return found, any
end

local function keep(place, taken, ends)
    call('HSET', P .. 'mc', key .. ' ' .. place, taken .. ':' .. digits(ends))
    call('ZADD', P .. 'mt', ends, key .. ' ' .. place)
end

local kept, any = kept_of(key)
if not any and call('ZCARD', P .. 'mt') >= ask.most then
    key = ask.shared
    kept = kept_of(key)
end
if ask.verb == 'give_back' then
    local latest
    for place, one in pairs(kept) do
        if one.taken > 0 and one.ends > NOW and (not latest or one.ends > kept[latest].ends) then
            latest = place
        end
    end
    if latest then
        keep(latest, math.max(0, kept[latest].taken - ask.count), kept[latest].ends)
    end
    return {0, 0, 0}
end
local width = math.max(1, math.ceil(ask.per / ask.slices))
local number = (NOW - NOW % width) / width
local place, ends = number % (ask.slices + 1), (number + ask.slices + 1) * width
local taken, soonest = 0, NOW
for _, one in pairs(kept) do
    if one.taken > 0 and NOW < one.ends and one.ends <= NOW + width * (ask.slices + 1) then -- not left by a clock that was ahead
        taken = taken + one.taken
        soonest = soonest == NOW and one.ends or math.min(soonest, one.ends)
    end
end
local granted = math.max(0, math.min(ask.count, ask.limit - taken))
if granted > 0 then
    local before = kept[place]
    keep(place, (before and before.ends == ends and before.taken or 0) + granted, ends)
end
return {granted, granted > 0 and 0 or soonest - NOW, (number + 1) * width - NOW}
