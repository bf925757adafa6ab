-- What was committed and is not admitted yet: ib holds ids in order of arrival, ib:<id> envelope, payload, queue
-- and time, ibq how many there are of each queue.
local function leave_inbox(id)
    local queue = call('HGET', P .. 'ib:' .. id, 'queue')
    if not queue then
        return
    end
    if call('HINCRBY', P .. 'ibq', queue, -1) <= 0 then
        call('HDEL', P .. 'ibq', queue)
    end
    call('ZREM', P .. 'ib', id)
    call('DEL', P .. 'ib:' .. id)
    call('INCR', P .. 'v')
end
