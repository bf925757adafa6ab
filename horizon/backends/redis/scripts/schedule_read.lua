-- schedule_read: one schedule, all of them, or those that are due.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: verb: one, all, due; name; limit
-- returns  documents and versions by turns
--include base
local ask = cjson.decode(ARGV[2])
local names
if ask.verb == 'one' then
    names = {ask.name}
elseif ask.verb == 'all' then
    names = call('HKEYS', P .. 'S')
else
    names = call('ZRANGEBYSCORE', P .. 'Sd', '-inf', NOW, 'LIMIT', 0, ask.limit)
end
local found = {}
for _, name in ipairs(names) do
    local document = call('HGET', P .. 'S', name)
    if document then
        found[#found + 1] = document
        found[#found + 1] = call('HGET', P .. 'Sv', name)
    end
end
return found
