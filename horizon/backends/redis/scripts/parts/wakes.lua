-- Hints to whoever waits. W:<queue> (W:* for any) holds waiters, each with a mailbox W=<id> it blocks on, for as long as
-- W!<id> says that it does. A waiter is taken out when it is told, so that one job wakes one, and nothing piles up.
local MOST = 8

local function tell(key, many)
    while many > 0 do
        local next = call('ZPOPMIN', key)
        if #next == 0 then
            break
        end
        if call('DEL', P .. 'W!' .. next[1]) == 1 then
            call('RPUSH', P .. 'W=' .. next[1], '1')
            call('PEXPIRE', P .. 'W=' .. next[1], 60000)
            many = many - 1
        end
    end
    return many
end

local function wake(name, many)
    tell(P .. 'W:*', tell(P .. 'W:' .. name, math.min(many, MOST)))
end

local function name_of(code)
    return call('LINDEX', P .. 'ql', code - 1)
end

-- Whoever waits for these queues: as many as jobs came; one where a job is due earlier than those before it.
local function wake_all()
    for code, many in pairs(entered) do
        wake(name_of(code), many)
    end
    local soonest = next(drawn) and call('ZRANGE', P .. 'due', 0, 0)[1]
    if soonest and drawn[soonest] then
        wake(name_of(drawn[soonest]), 1)
    end
    entered, drawn = {}, {}
end
