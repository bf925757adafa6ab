-- Jobs that wait for a time: `due` holds them by it, whatever their queue.

-- Make pending what is due, in the order of their times: a job stands where it would, had it been promoted on time.
local function promote(limit)
    local due = call('ZRANGEBYSCORE', P .. 'due', '-inf', NOW, 'LIMIT', 0, limit)
    local promoted = 0
    for _, member in ipairs(due) do
        local r = load(member:sub(2))
        if r and (r.s == SCHEDULED or r.s == RETRYING) and num(r.a) <= NOW then
            move(r, PENDING, num(r.a))
            promoted = promoted + 1
        end
    end
    return promoted
end

-- When the next waiting job of these queues (none given: of any) is due; paused ones do not count. Only the next few are
-- looked at: if none of them is of these queues, the time of the last is early enough to look again.
local function next_due(names)
    local soonest = call('ZRANGE', P .. 'due', 0, 40, 'WITHSCORES')
    local wanted = names and {}
    for _, code in ipairs(names or {}) do
        wanted[code] = true
    end
    for at = 1, #soonest, 2 do
        local r = load(soonest[at]:sub(2))
        local code = r and r.q
        if code and (not wanted or wanted[code]) and not queue(code).paused then
            return num(soonest[at + 1])
        end
    end
    return #soonest >= 80 and num(soonest[#soonest]) or nil
end
