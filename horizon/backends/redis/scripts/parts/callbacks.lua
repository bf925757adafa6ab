-- Callbacks of groups: what waits for the end, the failure or the progress of one, and runs again in a new round where it is asked
-- to. A part of groups.lua.
local EVERY = 1000000 -- how often progress is told at the most

local function tell(g, kind, last)
    g.tells = kind
    return follow({g}, last)
end

-- A new round of a callback; one that runs is remembered: what it tells is older than what is asked of it.
local function open_again(child)
    if child.s == CANCELLED or child.hd then
        unset(child, 'ow')
    elseif child.s == PROCESSING then
        set(child, 'ow', '1')
    elseif ended(child.s) then
        unset(child, 'ow')
        begin_anew(child, 0)
        move(child, PENDING)
        forget_end(child)
        take_key(child)
    end
end

-- One that ran for this already, or is about to, runs once more.
local function once_more(child, g, only)
    if child.s == BLOCKED or child.O then
        return
    end
    for _, wait in ipairs(waits(child)) do
        if wait.parent == g.number and (wait.on == '3' or wait.on == '4') and (not only or wait.on == only) then
            open_again(child)
            return
        end
    end
end

-- The group runs again: callbacks of every end go back to blocked, in a new round; those under way run to their end first.
local function wait_again(child, g)
    local mine = false
    for _, wait in ipairs(child.s ~= CANCELLED and not child.hd and waits(child) or {}) do
        if wait.parent == g.number and (wait.on == '3' or wait.on == '4') then
            mine = true
            if ended(child.s) or child.s == BLOCKED then
                meet(child, wait, false)
            end
        end
    end
    if not mine then
        return
    end
    if ended(child.s) then
        begin_anew(child, 0)
        move(child, BLOCKED)
        forget_end(child)
        take_key(child)
    end
    unset(child, 'ow')
end

local function tell_progress(g)
    if not g.mv or not g.pg then
        return
    end
    local due = num(g.pa) + EVERY
    if due > NOW then
        rank(P .. 'gw', g.id, due)
        return
    end
    gset(g, 'pa', NOW)
    gset(g, 'mv', nil)
    tell(g, 'P')
end
