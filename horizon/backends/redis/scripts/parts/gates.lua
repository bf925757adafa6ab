-- What a job waits for and what it keeps others from: edges and unique keys. Every end of a job goes through `finish`.
--
-- e:<n>  of one that waits: the numbers of those it waits for, each with how (1 completed, 2 failed, 3 any, 4 progress) and
--        whether met: two letters, or more where it waits in more than one way; of a group there stands g and its id
-- d:<n>  of one that is waited for: the numbers of those that wait, in order
-- gt     what one act had no room for: parent:kind:last, the dependants of `parent` behind `last` are still to be told that it
--        ended (kind E) or runs again (R); of a group also see groups.lua; gh counts a parent's entries, so that its news reach
--        everybody in their order
local edges, backlog = {}, {}

-- The job or the group behind an edge, false or nil where it is not kept any more.
local function parent_of(key)
    if key:byte(1) == 103 then
        return the_groups().group_at(key:sub(2))
    end
    return load(key)
end

-- What a job waits for, and `new`, if given. `kin`: all that lead to the same parent, where there are several.
local function waits(r, new)
    local found, more = edges[r.number], {new}
    if not found then
        found = {}
        local flat = r.we and call('HGETALL', P .. 'e:' .. r.number) or {}
        for at = 1, #flat, 2 do
            for on, met in flat[at + 1]:gmatch('(.)(.)') do
                more[#more + 1] = {parent = flat[at], on = on, met = met == '1'}
            end
        end
        edges[r.number] = found
    end
    for _, wait in ipairs(more) do
        local other = found[wait.parent]
        if other then
            other.kin = other.kin or {other}
            wait.kin = other.kin
            wait.kin[#wait.kin + 1] = wait
        end
        found[#found + 1], found[wait.parent] = wait, wait
    end
    return found
end

local function meet(r, wait, met)
    wait.met = met
    local text = ''
    for _, one in ipairs(wait.kin or {wait}) do
        text = text .. one.on .. (one.met and '1' or '0')
    end
    hput(P .. 'e:' .. r.number, wait.parent, text)
end

local room = 500 -- dependants that one act looks at

local function postpone(r, kind, last)
    append(P .. 'gt', r.number .. ':' .. kind .. ':' .. last)
    add(P .. 'gh', r.number, 1)
    backlog[r.number] = true
end

-- Dependants to tell about an end or a new beginning: as many as there is room for, the rest is noted. With `last` those
-- behind it, and how far it came where that was not all.
local function children(r, kind, last)
    if not r.dp then
        return {}
    end
    if not last and (backlog[r.number] or call('HEXISTS', P .. 'gh', r.number) == 1) then
        postpone(r, kind, 0)
        return {}
    end
    local found = call('ZRANGEBYSCORE', P .. 'd:' .. r.number, '(' .. (last or 0), '+inf', 'LIMIT', 0, room + 1)
    local stopped
    if #found > room then
        found[#found] = nil
        stopped = found[#found] or last or 0
        if not last then
            postpone(r, kind, stopped)
        end
    end
    room = room - #found
    return found, stopped
end

local function satisfied(on, state)
    if on == '3' or on == '4' then
        return ended(state)
    end
    return state == (on == '1' and COMPLETED or FAILED)
end

local function shut(on, state)
    return ended(state) and not satisfied(on, state)
end

-- unique keys -----------------------------------------------------------------------------------------

-- The record that holds a key now, other than `but`; nil where it is free or its time is over.
local function holder_of(key, but)
    local owner = owner_of(key)
    local holder = owner and owner ~= but and load(owner)
    if not holder or (holder.Kx and num(holder.Kx) <= NOW) then
        return nil
    end
    return holder
end

local function key_holder(r)
    return r.K and not r.Ks and holder_of(r.K, r.number) or nil
end

local function take_key(r)
    if r.K and not r.Ks then
        owners[r.K] = r.number
        hput(P .. 'u', r.K, r.number)
        if r.Kf then
            set(r, 'Kx', NOW + num(r.Kf))
        end
    end
end

-- A job whose key lasts until it starts gives it up, and never takes it again.
local function spend_key(r)
    if r.Ku and not r.Ks then
        free_key(r)
        set(r, 'Ks', '1')
    end
end

-- ends ------------------------------------------------------------------------------------------------

local function close(r, to, reason, needless)
    move(r, to, nil, nil, needless)
    if reason then set(r, 'y', reason) else unset(r, 'y') end
    if r.Z then
        set(r, 'hd', NOW)
    end
end

local function open_if_met(r)
    for _, wait in ipairs(waits(r)) do
        if not wait.met then
            return
        end
    end
    local at = num(r.a)
    if at > NOW then move(r, SCHEDULED, at) else move(r, PENDING) end
end

-- Open or cancel a dependant whose parents ended; true where it was cancelled. It is not needed only where nothing but
-- unneeded help kept it waiting; any other cause is told.
local function follows(child)
    local cause, first
    for _, wait in ipairs(waits(child)) do
        local parent = not wait.met and parent_of(wait.parent)
        if parent and shut(wait.on, parent.s) then
            first = first or parent
            if not cause and wait.on ~= '2' and not parent.nd then
                cause = parent
            end
        end
    end
    if not first then
        open_if_met(child)
        return false
    end
    set(child, 'O', (cause or first).number)
    if not cause then
        close(child, CANCELLED, 'not needed', true)
        return true
    end
    local how = cause.s == FAILED and 'failed' or 'was cancelled'
    local what = cause.id and 'the group' or 'the job'
    close(child, CANCELLED, what .. ' it waited for ' .. how .. ': ' .. (cause.id or as_text(cause.i)))
    count_ended(child, CANCELLED)
    return true
end

local ONLY = {F = '2', P = '4'} -- edges that open although a group has not ended

-- The blocked dependants of these, each once, after every edge that now opens was opened.
local function met_by(parents, last)
    local found, seen, stopped = {}, {}, nil
    for _, parent in ipairs(parents) do
        local told
        local kind = parent.tells or 'E'
        local only, state = ONLY[kind], kind == 'F' and FAILED or kind == 'P' and COMPLETED or parent.s
        told, stopped = children(parent, kind, last)
        for _, n in ipairs(told) do
            local child = load(n)
            if child then
                if parent.id then
                    the_groups().once_more(child, parent, only)
                end
                for _, wait in ipairs(waits(child)) do
                    if not wait.met and wait.parent == parent.number and (not only or wait.on == only) and satisfied(wait.on, state) then
                        meet(child, wait, true)
                    end
                end
                if child.s == BLOCKED and not seen[n] then
                    seen[n] = true
                    found[#found + 1] = child
                end
            end
        end
    end
    return found, stopped
end

-- Open or cancel what waited for these, and, level by level, what waited for that; returns how far the first level came.
local function follow(level, last)
    local came
    while #level > 0 do
        local following = {}
        local met, stopped = met_by(level, last)
        if last then
            came, last = stopped, nil
        end
        for _, child in ipairs(met) do
            if follows(child) then
                following[#following + 1] = child
            end
        end
        level = following
    end
    return came
end

local function finish(r, to, reason)
    close(r, to, reason)
    follow({r})
end

-- going back -------------------------------------------------------------------------------------------

local function shut_parent(r)
    for _, wait in ipairs(waits(r)) do
        local parent = not wait.met and parent_of(wait.parent)
        if not wait.met and (not parent or shut(wait.on, parent.s)) then
            return wait.parent
        end
    end
    return nil
end

-- Back to blocked, unless another cause, a person, or somebody else's unique key stands against it.
local function unblock(r)
    local other = shut_parent(r)
    if other then
        set(r, 'O', other)
        return false
    end
    if r.hd then
        return false
    end
    local holder = key_holder(r)
    if holder then
        set(r, 'y', 'key held by ' .. as_text(holder.i))
        return false
    end
    move(r, BLOCKED)
    take_key(r)
    unset(r, 'O', 'y', 'F')
    return true
end

-- A cause runs again: what it had cancelled waits for it again, and what that had cancelled, too.
local function reopen(r, last)
    local causes, at, came = {r}, 1, nil
    while causes[at] do
        local told, stopped = children(causes[at], 'R', last)
        if last then
            came, last = stopped, nil
        end
        for _, n in ipairs(told) do
            local child = load(n)
            if child and causes[at].id then
                the_groups().wait_again(child, causes[at])
            end
            if child and child.s == CANCELLED and child.O == causes[at].number and unblock(child) then
                causes[#causes + 1] = child
            end
        end
        at = at + 1
    end
    return came
end

-- Carry on with what earlier acts had no room for, one parent after the other.
local function carry_gates_on()
    for _ = 1, 20 do
        local entry = room > 0 and call('LINDEX', P .. 'gt', 0)
        if not entry then
            return
        end
        local n, kind, last = entry:match('^(.*):(%a):(%d+)$')
        local r, came = parent_of(n), nil
        if r and r.id then
            came = the_groups().carry_on(r, kind, num(last))
        elseif r and kind == 'E' and ended(r.s) then
            came = follow({r}, last)
        elseif r and kind == 'R' then
            came = reopen(r, last)
        end
        if came then
            call('LSET', P .. 'gt', 0, n .. ':' .. kind .. ':' .. came)
            return
        end
        call('LPOP', P .. 'gt')
        if call('HINCRBY', P .. 'gh', n, -1) <= 0 then
            call('HDEL', P .. 'gh', n)
        end
    end
end
