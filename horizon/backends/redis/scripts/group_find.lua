-- group_find: some groups, newest first.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: list: the sorted set to walk; below: a number that theirs must be less than, or false; limit; looks: how many
--          may be looked at; wanted: {field, value} of each that must fit, false for one that must be absent
-- returns  {{id, fields and values by turns} of those that fit, number to go on below or nil where that was all}
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

local highest = ask.below and '(' .. digits(ask.below) or '+inf'
flat = call('ZREVRANGEBYSCORE', P .. ask.list, highest, '-inf', 'WITHSCORES', 'LIMIT', 0, ask.looks)
for at = 1, #flat, 2 do
    if fits(flat[at]) then
        found[#found + 1] = {flat[at], call('HGETALL', P .. 'G:' .. flat[at])}
        if #found == ask.limit then
            return {found, num(flat[at + 1])}
        end
    end
end
return {found, #flat == 2 * ask.looks and num(flat[#flat]) or false}
