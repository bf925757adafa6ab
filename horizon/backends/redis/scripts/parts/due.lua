-- Jobs that wait for a time: `due` holds them by it, whatever their queue; and those that expire, as long as they wait for their turn.
local EXPIRED = 'expired: its deadline passed before it started' -- as in backends/expiry.py

-- End a waiting job whose deadline has passed.
local function expire(r)
    if r.lw then move(r, PENDING, nil, true) end
    call('SET', P .. 'x:' .. r.number, quoted({'JobExpired', EXPIRED}))
    set(r, 'E', 'JobExpired')
    finish(r, FAILED, EXPIRED)
    count_ended(r, FAILED)
    if r.H then
        push_follow_up(r)
    end
end

local LINE = 33 -- what begins with it is a limit that opens: see lots.lua

-- Make pending what is due, in the order of their times: a job stands where it would, had it been promoted on time.
local function promote(limit)
    local due = call('ZRANGEBYSCORE', P .. 'due', '-inf', NOW, 'LIMIT', 0, limit)
    local promoted = 0
    for _, member in ipairs(due) do
        if member:byte(1) == LINE then the_limits().wake_line(member, limit) end
        local r = member:byte(1) ~= LINE and load(member:sub(2))
        if r and (r.s == SCHEDULED or r.s == RETRYING) and not r.lw and num(r.a) <= NOW then
            move(r, PENDING, num(r.a))
            promoted = promoted + 1
        elseif r and r.ex and (r.s == PENDING or r.lw) and num(r.d) <= NOW then
            expire(r)
            promoted = promoted + 1
        end
    end
    return promoted
end
