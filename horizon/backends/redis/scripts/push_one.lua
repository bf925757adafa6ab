-- push_one: push, for one job that may run at once, of a queue and a class that are known, with a short payload and no unique
-- key, edge or deadline: what a dispatch mostly is. It does what push_plain.lua does, without JSON, tables or functions.
--
-- KEYS[1]   the connection's prefix
-- ARGV[1]   the time, or empty
-- ARGV[2]   queue; ARGV[3] class; ARGV[4] priority; ARGV[5] length of the header; ARGV[6] id; ARGV[7] header and payload
-- ARGV[8]   the record from its bits to its timeout, ARGV[9] from its round to the length of its id (see parts/layout.lua)
-- ARGV[10..] labels: `t` and a tag, `u` and the user
-- returns   1 created, 2 exists, 4 gone; 0 where it takes push_plain, and nothing was written
local call, P = redis.call, KEYS[1]
local queue, class, priority, id, blob = ARGV[2], ARGV[3], ARGV[4], ARGV[6], ARGV[7]
local now = ARGV[1]
if now == '' then
    local time = call('TIME')
    now = time[1] * 1000000 + time[2]
else
    now = tonumber(now)
end

--include ids
local lies_in = bucket(id)
local known = call('HGET', lies_in, id)
if known then
    if known:sub(1, 1) ~= '-' then
        return 2
    elseif tonumber(known:sub(2)) > now then
        return 4
    end
end
local q, c = call('HGET', P .. 'qd', queue), call('HGET', P .. 'cd', class)
if not q or not c then
    return 0
end
local set = call('HMGET', P .. 'q:' .. q, 'max', 'patience')
if set[1] then
    return 0
end

-- The first write: over maxmemory it is refused, and nothing has changed.
local number = call('INCR', P .. 'n')
local bit = number % 512 -- numbers are made text here: Redis would print each as a fraction, which takes longer than what is done with it
local n, piece = string.format('%d', number), string.format('%d', (number - bit) / 512)
local minute = string.format('%d000000', (now - now % 60000000) / 1000000)
local place = math.min(now + tonumber(set[2] or 3600000000), 9007199254740991)
local record = '1' .. ARGV[8] .. struct.pack('<I4I4I4I4dddi4', q, c, ARGV[5], #blob, now, now, place, priority) .. ARGV[9] .. id .. '.'
call('HSET', P .. 'j:' .. piece, n, record)
call('HSET', P .. 'p:' .. piece, n, blob)
call('HSET', lies_in, id, n)

local list = P .. 'n:'
local both, tail = q .. ':' .. c, ':' .. piece
call('SADD', list .. 'a' .. tail, n)
call('SADD', list .. 's1' .. tail, n)
call('SADD', list .. 'q' .. q .. tail, n)
call('SADD', list .. 'c' .. c .. tail, n)
for at = 10, #ARGV do
    local label = ARGV[at]
    call('SADD', list .. label .. tail, n)
    if label:sub(1, 1) == 't' then
        call('HINCRBY', P .. 'tn', label:sub(2), 1)
        call('ZADD', P .. 'tg', 0, label:sub(2))
    end
end
if bit % 64 == 0 or number == 1 then -- a piece is noted by its first job; this looks after it a few times more
    if call('ZCOUNT', P .. 'nc', piece, piece) == 0 then
        call('ZADD', P .. 'nc', piece, piece .. ':' .. string.format('%.0f', now))
    end
end
call('ZADD', P .. 'w:' .. q .. ':' .. priority, place, string.char(64 + #n) .. n)
if call('ZADD', P .. 'b:' .. q, priority, priority) == 1 then -- where a queue has a priority, it is among those that have any
    call('SADD', P .. 'bq', q)
end
call('HINCRBY', P .. 'cq', q .. ':1', '1')
call('HINCRBY', P .. 'cn', c .. ':1', '1')
call('HINCRBY', P .. 'cc', both .. ':1', '1')
minute = minute .. ':' .. both
if call('HINCRBY', P .. 'm:' .. minute, 'p', '1') == 1 then
    call('ZADD', P .. 'mi', now - now % 60000000, minute)
end

-- Whoever waits for this queue, else for any, as parts/wakes.lua does.
if call('EXISTS', P .. 'W:' .. queue, P .. 'W:*') > 0 then
    for _, key in ipairs({P .. 'W:' .. queue, P .. 'W:*'}) do
        local waiter = call('ZPOPMIN', key)[1]
        while waiter do
            if call('DEL', P .. 'W!' .. waiter) == 1 then
                call('RPUSH', P .. 'W=' .. waiter, '1')
                call('PEXPIRE', P .. 'W=' .. waiter, 60000)
                return 1
            end
            waiter = call('ZPOPMIN', key)[1]
        end
    end
end
return 1
