-- look: whether a job may be there; where none is, note that somebody waits.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: queues: names, none for all; waiter: who asks; wait: for how many milliseconds, 0 to only look
-- returns  {1} where there may be one; else {0, microseconds until the next one is due or nil}
--include base layout packed freely common next
local ask = cjson.decode(ARGV[2])
local codes = #ask.queues > 0 and {} or nil
if codes then
    for _, code in ipairs(call('HMGET', P .. 'qd', unpack(ask.queues))) do
        if code then codes[#codes + 1] = code end
    end
end

local function may_be_admitted()
    for _, name in ipairs(call('HKEYS', P .. 'ibq')) do
        local code = call('HGET', P .. 'qd', name)
        local most = code and queue(code).max
        if not most then
            return true
        end
        local waiting = 0
        for _, state in ipairs({PENDING, SCHEDULED, RETRYING, BLOCKED}) do
            waiting = waiting + num(call('HGET', P .. 'cq', code .. ':' .. state) or 0)
        end
        if waiting < most then
            return true
        end
    end
end

local function pending()
    for _, code in ipairs(codes or call('SMEMBERS', P .. 'bq')) do
        if not queue(code).paused and num(call('HGET', P .. 'cq', code .. ':' .. PENDING) or 0) > 0 then
            return true
        end
    end
end

local due = next_due(codes)
if (due and due <= NOW) or pending() or may_be_admitted() then
    return {1}
end
if ask.wait > 0 then
    call('DEL', P .. 'W=' .. ask.waiter)
    call('SET', P .. 'W!' .. ask.waiter, 1, 'PX', ask.wait)
    for _, name in ipairs(codes and ask.queues or {'*'}) do
        call('ZADD', P .. 'W:' .. name, NOW, ask.waiter)
        call('PEXPIRE', P .. 'W:' .. name, 86400000)
    end
end
return {0, due and due - NOW or false}
