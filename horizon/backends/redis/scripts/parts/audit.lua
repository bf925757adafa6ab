-- Who did what: A holds entries by their number, as time, count and JSON; At their numbers by time, Aa:<actor> and
-- Av:<verb> theirs, Awa and Awv the names of those that occur.
local function keep(entry, count)
    if not entry then
        return
    end
    local seq = call('INCR', P .. 'An')
    call('HSET', P .. 'A', seq, digits(NOW) .. '|' .. (count or entry.count) .. '|' .. entry.text)
    call('ZADD', P .. 'At', NOW, seq)
    call('ZADD', P .. 'Aa:' .. entry.actor, seq, seq)
    call('ZADD', P .. 'Av:' .. entry.verb, seq, seq)
    call('ZADD', P .. 'Awa', 0, entry.actor)
    call('ZADD', P .. 'Awv', 0, entry.verb)
    call('INCR', P .. 'v')
end
