-- audit_find: some entries, newest first.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: actor, verb: or false; from: greatest number, or false; after, before: or false; limit
-- returns  numbers, entries and hashes (empty where they are not in the chain yet) by turns: those of the driving index, to be
--          asked for the rest
--include base
local ask = cjson.decode(ARGV[2])

-- The number at which a time begins: of the first entry at or after it.
local function number_at(time)
    local first = call('ZRANGEBYSCORE', P .. 'At', time, '+inf', 'LIMIT', 0, 1)[1]
    return first and num(first)
end

local highest = ask.from or '+inf'
if ask.before then
    local first = number_at(ask.before)
    if first and (not ask.from or first - 1 < ask.from) then
        highest = first - 1
    end
end
local lowest = '-inf'
if ask.after then
    lowest = number_at(ask.after)
    if not lowest then
        return {}
    end
end
local index = ask.actor and P .. 'Aa:' .. ask.actor or ask.verb and P .. 'Av:' .. ask.verb
if ask.actor and ask.verb and call('ZCARD', P .. 'Av:' .. ask.verb) < call('ZCARD', index) then
    index = P .. 'Av:' .. ask.verb
end
local numbers
if index then
    numbers = call('ZREVRANGEBYSCORE', index, highest, lowest, 'LIMIT', 0, ask.limit)
else
    numbers = {}
    local oldest = call('ZRANGE', P .. 'At', 0, 0)[1]
    local at = math.min(ask.from or math.huge, num(call('GET', P .. 'An') or 0), highest == '+inf' and math.huge or highest)
    local stop = math.max(lowest == '-inf' and 1 or lowest, oldest and num(oldest) or math.huge)
    while at >= stop and #numbers < ask.limit do
        numbers[#numbers + 1] = at
        at = at - 1
    end
end
local found = {}
for _, number in ipairs(numbers) do
    local entry = call('HGET', P .. 'A', number)
    if entry then
        found[#found + 1] = num(number)
        found[#found + 1] = entry
        found[#found + 1] = call('HGET', P .. 'Ah', number) or ''
    end
end
return found
