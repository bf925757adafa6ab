-- group_find: some groups, newest first.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: list: the sorted set to walk; below: a number that theirs must be less than, or false; limit; looks: how many
--          may be looked at; wanted: {field, value} of each that must fit, false for one that must be absent; after, before:
--          times as texts, absent for any; fields: those to tell, absent for all
-- returns  {{id, fields and values by turns, or the values of those asked for} of those that fit, number to go on below or nil
--          where that was all}
--include base
local ask, found, flat = cjson.decode(ARGV[2]), {}, nil

local function fits(id)
    for _, pair in ipairs(ask.wanted) do
        if call('HGET', P .. 'G:' .. id, pair[1]) ~= pair[2] then
            return false
        end
    end
    return true
end

-- The place of the first that was made at or after a time: found by halves, since numbers grow with time.
local function place_of(at)
    local low, high = 0, call('ZCARD', P .. ask.list)
    while low < high do
        local middle = floor((low + high) / 2)
        local id = call('ZRANGE', P .. ask.list, middle, middle)[1]
        if num(call('HGET', P .. 'G:' .. id, 'C') or 0) >= num(at) then
            high = middle
        else
            low = middle + 1
        end
    end
    return low
end

-- Its number; beyond the last one, nothing.
local function number_at(place)
    return call('ZRANGE', P .. ask.list, place, place, 'WITHSCORES')[2]
end

local function told(id)
    return ask.fields and call('HMGET', P .. 'G:' .. id, unpack(ask.fields)) or call('HGETALL', P .. 'G:' .. id)
end

local below, lowest = ask.below, '-inf'
if ask.before then
    local first = num(number_at(place_of(ask.before)) or 0)
    if first > 0 and (not below or first < below) then
        below = first
    end
end
if ask.after then
    lowest = number_at(place_of(ask.after))
    if not lowest then
        return {found, false}
    end
end
local highest = below and '(' .. digits(below) or '+inf'
flat = call('ZREVRANGEBYSCORE', P .. ask.list, highest, lowest, 'WITHSCORES', 'LIMIT', 0, ask.looks)
for at = 1, #flat, 2 do
    if fits(flat[at]) then
        found[#found + 1] = {flat[at], told(flat[at])}
        if #found == ask.limit then
            return {found, num(flat[at + 1])}
        end
    end
end
return {found, #flat == 2 * ask.looks and num(flat[#flat]) or false}
