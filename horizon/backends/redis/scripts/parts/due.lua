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
