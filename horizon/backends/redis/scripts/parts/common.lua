-- What the short way of a job and the long one have in common.
local LIMITS = {} -- lease, crashes a job may cause, log lines kept, the follow-up's class: filled in by the act
local OK, DUP, LOST = 1, 2, 3

-- queues ----------------------------------------------------------------------------------------------

local queues = {}

local function queue(code)
    local found = queues[code]
    if not found then
        local kept = call('HMGET', P .. 'q:' .. code, 'patience', 'weight', 'max', 'paused', 'until', 'lane', 'dead', 'letters', 'of')
        found = {
            patience = num(kept[1] or 3600000000), weight = num(kept[2] or 1), max = num(kept[3] or ''),
            paused = kept[6] and true or kept[4] == '1' and (not kept[5] or num(kept[5]) > NOW),
            lane = kept[6] and true, dead = num(kept[7] or ''), letters = kept[8], of = kept[9],
        }
        queues[code] = found
    end
    return found
end

-- The queue a job belongs to, wherever it stands: one that failed too often stands among the dead letters of its queue.
local function own(r)
    return queue(r.q).of or r.q
end

-- figures ---------------------------------------------------------------------------------------------

local MINUTE = NOW - NOW % 60000000

local function minute_of(r, code)
    local rest = (code or r.q) .. ':' .. r.c
    local key = P .. 'm:' .. digits(MINUTE) .. ':' .. rest
    rank(P .. 'mi', digits(MINUTE) .. ':' .. rest, MINUTE)
    return key
end

-- The bucket of a duration, as in core/histogram.py.
local LOG = math.log(1.1)
local LARGEST = 1.1 ^ 320

-- lists -----------------------------------------------------------------------------------------------

local chunks, vacated = {}, {}

-- The pieces that exist, in order, each with the time at which it began: how a list is walked and a time found in it.
local function note_pieces()
    for key in pairs(chunks) do
        local order, chunk = key:match('^(.-)%z(.*)$')
        local pieces = P .. order .. 'c'
        if call('ZCOUNT', pieces, chunk, chunk) == 0 then
            call('ZADD', pieces, chunk, chunk .. ':' .. digits(NOW))
        end
    end
    chunks = {}
    for piece in pairs(vacated) do -- of groups: those that members have left
        if call('EXISTS', P .. 'gm:' .. piece) == 0 then
            local id, chunk = piece:match('^(.*):(%d+)$')
            call('ZREM', P .. 'gp:' .. id, chunk)
        end
    end
    vacated = {}
end

-- sessions --------------------------------------------------------------------------------------------

local workers = {}

-- Host and process that runs or ran it, as people know them.
local function worker_of(r)
    if not r.w then
        return nil
    end
    if workers[r.w] == nil then
        workers[r.w] = call('HGET', P .. 's:' .. r.w, 'worker') or r.w
    end
    return workers[r.w]
end

local function is_open(session)
    return call('ZSCORE', P .. 'sl', session) and true or false
end

-- The clock went back: what waits for a limit is looked at now, not when it would have opened by the time that was.
local function look_at_limits()
    for _, key in ipairs(call('ZRANGEBYSCORE', P .. 'll', '-inf', '(0', 'LIMIT', 0, 1000)) do
        local flat = call('HGETALL', P .. 'lm:' .. key)
        for at = 1, #flat, 2 do
            if flat[at]:sub(1, 1) == 'w' then
                call('ZADD', P .. 'due', NOW, '!' .. flat[at]:sub(2) .. ':' .. key)
            end
        end
    end
end

-- Notice that nobody was here for a lease, or that the clock jumped: then everybody gets one lease to renew.
local function watch_clock()
    local lease = LIMITS.lease
    local seen = call('GET', P .. 'seen')
    local gap = seen and NOW - num(seen) or 0
    if gap < -lease or gap > lease then
        call('SET', P .. 'noreap', NOW + lease)
        if gap < 0 then look_at_limits() end
        for _, session in ipairs(call('ZRANGEBYSCORE', P .. 'sl', '(' .. digits(NOW + lease), '+inf', 'LIMIT', 0, 1000)) do
            call('ZADD', P .. 'sl', NOW + lease, session)
            call('HSET', P .. 's:' .. session, 'expires', NOW + lease)
        end
    end
    if not seen or gap ~= 0 then
        call('SET', P .. 'seen', NOW)
    end
end
