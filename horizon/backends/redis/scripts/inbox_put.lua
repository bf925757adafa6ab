-- inbox_put: one job that is to be admitted.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: queue
-- ARGV[3]  its id; ARGV[4] its envelope; ARGV[5] its payload
-- returns  1; 0 where it waits there already
--include base bag wakes
local id = ARGV[3]
if call('EXISTS', P .. 'ib:' .. id) == 1 then
    return 0
end
local queue = cjson.decode(ARGV[2]).queue
call('HSET', P .. 'ib:' .. id, 'envelope', ARGV[4], 'payload', ARGV[5], 'at', NOW, 'queue', queue)
call('ZADD', P .. 'ib', call('INCR', P .. 'ibn'), id)
call('HINCRBY', P .. 'ibq', queue, 1)
call('INCR', P .. 'v')
wake(queue, 1)
return 1
