-- Leases of worker sessions, and what becomes of an attempt whose worker is gone.
--
-- s:<id>  worker (host:pid), info and report as JSON, started, renewed, expires, ended · sl living ones by the end of
-- their lease · se ended ones by when · sc:<id> commands · h:<id>:<executor> what an executor holds · hx:<id> its executors
local DIED = 'the worker died while running it'
local LOST_TOUCH = 'its worker was out of touch for longer than its lease'
local TOO_LONG = 'it ran longer than its timeout and was stopped from outside'

-- The outcome of an attempt that could not speak for itself; no verdict: its code had not begun.
local function outcome_of(r, verdict)
    local o = {kind = 5, delay = 0, started_after = 0, runtime = 0, dropped = 0, started = verdict and true or false}
    if not verdict then
        return o
    end
    local kind, delay, started_after, runtime, reason, only = unpack(verdict)
    o.started_after, o.runtime, o.follow_up = started_after, runtime, true
    if kind == 'crash' then
        o.charge, o.suspect, o.reason = only or r.A ~= nil, true, reason or DIED
    elseif kind == 'timeout' then
        o.kind, o.delay, o.reason = delay and 2 or 3, delay or 0, reason or TOO_LONG
        o.type, o.message, o.cause = 'JobTimeout', o.reason, 'JobTimeout'
        o.failure = quoted({o.type, o.message, '', o.cause})
    elseif kind == 'cancel' then
        o.kind, o.follow_up, o.reason = 6, false, r.Y or reason or 'cancelled while it ran'
        if reason then
            o.type, o.message, o.cause = 'JobKilled', reason, 'JobKilled'
            o.failure = quoted({o.type, o.message, '', o.cause})
        end
    else
        o.reason = 'interrupted'
    end
    return o
end

-- What a session holds, or one executor of it: numbers in order.
local function held_by(session, executor)
    local names = executor and {tostring(executor)} or call('SMEMBERS', P .. 'hx:' .. session)
    local found = {}
    for _, name in ipairs(names) do
        for _, n in ipairs(call('SMEMBERS', P .. 'h:' .. session .. ':' .. name)) do
            found[#found + 1] = n
        end
    end
    table.sort(found, function(a, b) return num(a) < num(b) end)
    return found
end

-- Settle and return what a session (or one executor of it) held; `judge` tells what is known of an attempt.
local function give_back(session, executor, judge)
    local moved = 0
    for _, n in ipairs(held_by(session, executor)) do
        local r = load(n)
        if r and r.s == PROCESSING and r.w == session then
            end_attempt(r, outcome_of(r, judge(r)))
            moved = moved + 1
        end
    end
    if executor then
        take(P .. 'hx:' .. session, tostring(executor))
    else
        doom(P .. 'hx:' .. session)
    end
    return moved
end

local function end_session(session)
    call('HSET', P .. 's:' .. session, 'ended', NOW)
    call('ZREM', P .. 'sl', session)
    call('ZADD', P .. 'se', NOW, session)
    call('DEL', P .. 'sc:' .. session)
    call('INCR', P .. 'v')
end

-- End sessions whose lease ran out, and return what they held; nobody knows what was running, so all of it is suspect.
local function reap(limit)
    local over = call('ZRANGEBYSCORE', P .. 'sl', '-inf', NOW, 'LIMIT', 0, 20)
    if #over == 0 or NOW < num(call('GET', P .. 'noreap') or 0) then
        return 0
    end
    local moved = 0
    for _, session in ipairs(over) do
        if moved >= limit then
            break
        end
        moved = moved + give_back(session, nil, function() return {'crash', false, 0, 0, LOST_TOUCH, false} end)
        end_session(session)
    end
    return moved
end
