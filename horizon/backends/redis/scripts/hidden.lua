-- hidden: forgotten jobs that can still be restored, the latest first.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: undo: how long they can; before: {time, number} of the last one seen, or false; limit
-- returns  raw records
--include base layout packed record show
local ask, found = cjson.decode(ARGV[2]), {}
local since = '(' .. digits(NOW - ask.undo)
if ask.before then
    local time = digits(ask.before[1])
    local same = call('ZRANGEBYSCORE', P .. 'hid', time, time)
    for at = #same, 1, -1 do
        if #found < ask.limit and num(same[at]:sub(2)) < ask.before[2] and ask.before[1] > NOW - ask.undo then
            found[#found + 1] = same[at]
        end
    end
end
local highest = ask.before and '(' .. digits(ask.before[1]) or '+inf'
for _, member in ipairs(call('ZREVRANGEBYSCORE', P .. 'hid', highest, since, 'LIMIT', 0, ask.limit - #found)) do
    found[#found + 1] = member
end
for at, member in ipairs(found) do
    found[at] = raw(member:sub(2)) or nil
end
return found
