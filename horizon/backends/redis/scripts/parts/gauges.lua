-- What a limit allows at this moment, and what a start does to it: as backends/metering.py says, word for word.
--
-- lm:<key>  a limit: most, per, how (its strategy), g marks (`at:taken`, the oldest first), r how many jobs hold it now, and for
--           each queue with parked jobs `w<queue>`, how many of them
-- ll        all limits, those with most parked jobs first; lu when each may be as good as new
local SLICES, MOST_MARKS, MOST_LIMIT = 10, 22, 1000000000
local gauges = {}

local function gauge(key)
    local l = gauges[key]
    if not l then
        l = {key = key, marks = {}, running = 0, waits = {}, waiting = 0}
        local flat = call('HGETALL', P .. 'lm:' .. key)
        for at = 1, #flat, 2 do
            local field, value = flat[at], flat[at + 1]
            if field == 'g' then
                for began, taken in value:gmatch('(%d+):(%d+)') do
                    l.marks[#l.marks + 1] = {at = num(began), taken = num(taken)}
                end
            elseif field:sub(1, 1) == 'w' then
                l.waits[field:sub(2)] = num(value)
                l.waiting = l.waiting + num(value)
            else
                l[({r = 'running'})[field] or field] = num(value) or value
            end
        end
        gauges[key] = l
    end
    return l
end

local function width(per)
    return math.max(1, math.ceil(per / SLICES))
end

-- How long a bucket takes to get one back.
local function drop(l)
    return math.max(1, math.ceil(l.per / l.most))
end

local function ends(l, mark)
    return mark.at + (l.how == 'fixed' and l.per or width(l.per) * (SLICES + 1))
end

-- Slices, or the window, that count. One that begins in the future was left by a clock that ran ahead.
local function live(l)
    local found = {}
    for _, mark in ipairs(l.marks) do
        if mark.at <= NOW and NOW < ends(l, mark) then found[#found + 1] = mark end
    end
    return found
end

-- The theoretical arrival time of a bucket: now where it is full.
local function arrival(l)
    local at = l.marks[1] and l.marks[1].at or NOW
    return NOW < at and at <= NOW + drop(l) * l.most and at or NOW
end

local function used(l)
    if l.how == 'concurrent' then
        return l.running
    elseif l.how == 'bucket' then
        return math.ceil((arrival(l) - NOW) / drop(l))
    end
    local taken = 0
    for _, mark in ipairs(live(l)) do
        taken = taken + mark.taken
    end
    return taken
end

local function free_in(l)
    return math.max(0, l.most - used(l))
end

-- When there is room for more than now; nil where a job has to end first, or none of it is used.
local function grows_at(l)
    if l.how == 'concurrent' or used(l) == 0 then
        return nil
    elseif l.how == 'bucket' then
        return arrival(l) - drop(l) * (math.min(used(l), l.most) - 1)
    end
    local left = used(l)
    for _, mark in ipairs(live(l)) do
        left = left - mark.taken
        if left < l.most then return ends(l, mark) end
    end
end

-- In order, those of one time as one; of too many, the oldest count as long as the one after them.
local function fewer(marks)
    table.sort(marks, function(a, b) return a.at < b.at end)
    local kept = {}
    for _, mark in ipairs(marks) do
        local last = kept[#kept]
        if last and last.at == mark.at then
            kept[#kept] = {at = mark.at, taken = last.taken + mark.taken}
        else
            kept[#kept + 1] = mark
        end
    end
    while #kept > MOST_MARKS do
        local first = table.remove(kept, 1)
        kept[1] = {at = kept[1].at, taken = first.taken + kept[1].taken}
    end
    return kept
end

-- One that is asked for more than it holds is empty, and owes nothing.
local function poured(l, at)
    return at > NOW and {{at = math.min(at, NOW + drop(l) * l.most), taken = 0}} or {}
end

local function with_taken(l, count)
    if l.how == 'concurrent' then
        return {}
    elseif l.how == 'bucket' then
        return poured(l, arrival(l) + drop(l) * count)
    end
    local length, marks = l.how == 'fixed' and l.per or width(l.per), live(l)
    marks[#marks + 1] = {at = NOW - NOW % length, taken = count}
    return fewer(marks)
end

local function take_of(l)
    l.marks = with_taken(l, 1)
    l.running = l.running + 1
end

-- What was taken then never began: it counts no longer.
local function give_back_to(l, taken_at)
    if l.how == 'bucket' then
        l.marks = poured(l, arrival(l) - math.max(0, math.min(drop(l), taken_at + drop(l) - NOW)))
        return
    end
    local kept, last = {}, nil
    for _, mark in ipairs(live(l)) do
        if mark.at <= taken_at and taken_at < ends(l, mark) then last = mark end
    end
    for _, mark in ipairs(live(l)) do
        local taken = mark.taken - (last and mark.at == last.at and 1 or 0)
        if taken > 0 then kept[#kept + 1] = {at = mark.at, taken = taken} end
    end
    l.marks = kept
end

-- By the newest words; what has started counts on as if they had always held, as far as it is known. Whether they are new.
local function redefine(l, most, per, how)
    if l.most == most and l.per == per and l.how == how then
        return false
    end
    local before = {most = l.most, per = l.per, how = l.how, marks = l.marks, running = l.running}
    l.most, l.per, l.how, l.marks = most, per, how, {}
    if not before.most then
        return true
    elseif before.how == 'sliding' and how == 'sliding' then
        for _, mark in ipairs(live(before)) do -- a slice ends when it ended: nothing counts too short
            l.marks[#l.marks + 1] = {at = math.min(NOW, mark.at + width(before.per) - width(per)), taken = mark.taken}
        end
        l.marks = fewer(l.marks)
    elseif before.how == 'bucket' and how == 'bucket' then -- as many drops are missing, and as much of the next one
        l.marks = poured(l, NOW + math.ceil((arrival(before) - NOW) * drop(l) / drop(before)))
    elseif before.how ~= 'concurrent' and how ~= 'concurrent' and used(before) > 0 then
        l.marks = with_taken(l, used(before))
    end
    return true
end

local function is_as_new(l)
    return l.running == 0 and l.waiting == 0 and (not l.most or used(l) == 0)
end

-- When its state may be as good as new.
local function fades_at(l)
    local at = NOW
    for _, mark in ipairs(l.marks) do
        at = math.max(at, l.how == 'bucket' and mark.at or ends(l, mark))
    end
    return at
end
