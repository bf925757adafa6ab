local function queue_of(member)
    if member:byte(1) == 33 then -- a limit that opens: see lots.lua
        return member:match('^!(%d+):')
    end
    local n = member:sub(2)
    local text = call('HGET', lies_in(n), n)
    return text and digits((struct.unpack('<I4', text, REST)))
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
        local code = queue_of(soonest[at])
        if code and (not wanted or wanted[code]) and not queue(code).paused then
            return num(soonest[at + 1])
        end
    end
    return #soonest >= 80 and num(soonest[#soonest]) or nil
end
