-- operation_stop: go no further.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: id; audit entry or false
-- returns  1; 0 where it does not run
--include base freely audit
local ask = cjson.decode(ARGV[2])
if call('ZREM', P .. 'opr', ask.id) == 0 then
    return 0
end
call('HSET', P .. 'op:' .. ask.id, 'state', 'stopped', 'finished', NOW)
keep(ask.audit)
call('INCR', P .. 'v')
return 1
