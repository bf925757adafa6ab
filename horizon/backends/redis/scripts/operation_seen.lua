-- operation_seen: note what became of the jobs that one watches; it stops where they say so.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: id; before, after: its trace; stopped: whether it stops; audit entry or false
-- returns  1; 0 where somebody else has noted it, or carried it on
--include base freely audit
local ask = cjson.decode(ARGV[2])
local key = P .. 'op:' .. ask.id
local kept = call('HMGET', key, 'state', 'trace')
if kept[1] ~= 'running' or kept[2] ~= ask.before then
    return 0
end
call('HSET', key, 'trace', ask.after)
if ask.stopped then
    call('HSET', key, 'state', 'stopped', 'finished', NOW)
    call('ZREM', P .. 'opr', ask.id)
    keep(ask.audit)
end
call('INCR', P .. 'v')
return 1
