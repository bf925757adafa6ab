-- Groups: what their members' moves mean for them, decided at the end of every act in which something of one moved: one that
-- failed, one in which nobody is unfinished, one that was opened again. What it does may stir the next, up to the outermost.
-- All of this is made when the first group is met: acts without any must not pay for it.
--
-- gt also holds news of groups: g<id>:kind:last, E it ended, F it failed, P it got on, R it runs again; C groups in it are still
-- to be cancelled, behind that with the number `last`; D its members are, those with lower numbers than `last`
function the_groups()
    if groups_met then
        return groups_met
    end
--include anew members

    local OPEN, RUNNING, BATCH = '1', '2', '1'
    local TOO_MANY_FAILED = 'more of its group failed than the group allows'
    local ripen

    local function set_state(g, to)
        unrank(P .. 'gs:' .. g.s, g.id)
        if ended(g.s) then unrank(P .. 'gf:' .. g.s, g.id) end
        unrank(P .. 'gu', g.id)
        gset(g, 's', to)
        rank(P .. 'gs:' .. to, g.id, g.n)
        if ended(to) then rank(P .. 'gf:' .. to, g.id, NOW) end
    end

    local function unfinished(g)
        return num(g.t or 0) - num(g['6'] or 0) - num(g['7'] or 0) - num(g['8'] or 0)
    end

    -- The figures say so; the sets are the truth.
    local function is_empty(g)
        write_down()
        for _, chunk in ipairs(call('ZRANGE', P .. 'gp:' .. g.id, 0, 499)) do
            if call('EXISTS', P .. 'gm:' .. g.id .. ':' .. chunk) == 1 then
                return false
            end
            call('ZREM', P .. 'gp:' .. g.id, chunk)
        end
        return call('EXISTS', P .. 'gp:' .. g.id, P .. 'gg:' .. g.id) == 0
    end

    -- As bears() of core/group.py.
    local function bears(g)
        local failed = num(g['7'] or 0)
        if g.aa or failed == 0 then
            return true
        end
        local kind, bound = (g.al or 'i0'):match('^(%a)(.*)$')
        if kind == 'f' then
            return g.s == OPEN or failed <= floor(num(bound) * num(g.t) + 1e-9)
        end
        return failed <= num(bound)
    end

--include callbacks

    -- cancelling ------------------------------------------------------------------------------------------

    local function cancelling(g)
        return g.Y or g.fa and not g.fg and g.k == BATCH and TOO_MANY_FAILED or nil
    end

    local function cancel_member(r, reason)
        if ended(r.s) then
            return
        end
        if r.s ~= PROCESSING then
            finish(r, CANCELLED, reason)
            count_ended(r, CANCELLED)
        elseif not r.Y then
            set(r, 'Y', reason)
        end
    end

    -- Members with lower numbers than `below`, the last ones first: so each is told this reason, and not that the one before it
    -- was cancelled. Returns how far it came where that was not all.
    local function cancel_jobs(g, below)
        write_down()
        local highest = below and digits(piece_of(below)) or '+inf'
        for _, chunk in ipairs(call('ZREVRANGEBYSCORE', P .. 'gp:' .. g.id, highest, '-inf', 'LIMIT', 0, 501)) do
            local ns = call('SMEMBERS', P .. 'gm:' .. g.id .. ':' .. chunk)
            table.sort(ns, function(a, b) return num(a) > num(b) end)
            for _, n in ipairs(ns) do
                if not below or num(n) < below then
                    if room <= 0 then
                        return num(n) + 1
                    end
                    room = room - 1
                    local r = load(n)
                    if r then cancel_member(r, cancelling(g)) end
                end
            end
        end
    end

    local function seal(g)
        if g.s == OPEN then
            set_state(g, RUNNING)
            stir(g)
        end
    end

    local cancel_members

    local function cancel(g, reason)
        if ended(g.s) or g.Y then
            return
        end
        gset(g, 'Y', reason)
        seal(g)
        cancel_members(g)
        stir(g)
    end

    -- Groups in it behind the one with this number; returns how far it came where that was not all.
    local function cancel_nested(g, after)
        local flat = call('ZRANGEBYSCORE', P .. 'gg:' .. g.id, '(' .. digits(after), '+inf', 'WITHSCORES', 'LIMIT', 0, 101)
        for at = 1, #flat, 2 do
            if at > 200 or room <= 0 then
                return after
            end
            cancel(group_at(flat[at]), cancelling(g))
            after = num(flat[at + 1])
        end
    end

    function cancel_members(g)
        write_down()
        local came = cancel_nested(g, 0)
        if came then postpone(g, 'C', digits(came)) end
        came = cancel_jobs(g)
        if came then postpone(g, 'D', digits(came)) end
    end

    -- failing and ending ----------------------------------------------------------------------------------

    -- The moment in which more failed than it bears; a retry may take that back.
    local function judge(g)
        if bears(g) then
            if g.fa then gset(g, 'fa', nil) end
            if g.fg then gset(g, 'fg', nil) end
            if g.ff and num(g['7'] or 0) == 0 then gset(g, 'ff', nil) end
        elseif not g.fa and not g.Y then
            gset(g, 'fa', NOW)
            tell(g, 'F')
            if g.k == BATCH then
                cancel_members(g)
            end
        end
    end

    -- As end_of() of backends/grouping.py.
    local function end_of(g)
        local total, needless, cancelled = num(g.t or 0), num(g['9'] or 0), num(g['8'] or 0)
        local failed = num(g['7'] or 0)
        if g.fa then
            return FAILED, false
        elseif g.Y or (total > 0 and num(g['6'] or 0) == 0 and failed == 0) then
            return CANCELLED, not g.Y and needless == total
        elseif g.k ~= BATCH and failed == 0 and cancelled > needless then
            return CANCELLED, false
        end
        return COMPLETED, false
    end

    local function end_group(g)
        local state, needless = end_of(g)
        set_state(g, state)
        gset(g, 'nd', needless and '1' or nil)
        gset(g, 'F', NOW)
        tell(g, 'E')
        local parent = g.p and group_at(g.p)
        if parent then
            unrank(P .. 'gg:' .. parent.id, g.id)
            tally_in(parent, state, 1)
            if needless then tally_in(parent, '9', 1) end
            if state == FAILED and not parent.ff then gset(parent, 'ff', g.ff) end
            stir(parent)
        end
    end

    -- A member runs again: so does the group, and the one around it. What once opened for good stays open.
    local function open_group_again(g)
        local parent = g.p and group_at(g.p)
        if parent then
            rank(P .. 'gg:' .. parent.id, g.id, g.n)
            tally_in(parent, g.s, -1)
            if g.nd then tally_in(parent, '9', -1) end
            stir(parent)
        end
        set_state(g, RUNNING)
        for _, field in ipairs({'F', 'nd', 'Y'}) do
            gset(g, field, nil)
        end
        gset(g, 'fg', g.fa and '1' or nil) -- jobs that come now are not cancelled for what failed before
        tally_in(g, 'ge', 1)
        reopen(g)
        stir(g)
    end

    function ripen(g)
        unrank(P .. 'gw', g.id)
        if ended(g.s) then
            if unfinished(g) > 0 then open_group_again(g) end
            return
        end
        judge(g)
        if g.s == RUNNING and unfinished(g) == 0 and is_empty(g) then
            end_group(g)
        else
            tell_progress(g)
        end
    end

    local function deal()
        while #owing > 0 do
            local r = table.remove(owing)
            if r.ow and ended(r.s) then open_again(r) end
        end
        local id, g = next(stirred)
        while id do
            stirred[id] = nil
            ripen(g)
            id, g = next(stirred)
        end
    end

    local function carry_on(g, kind, last)
        if kind == 'C' then
            return cancelling(g) and not ended(g.s) and cancel_nested(g, last)
        elseif kind == 'D' then
            return cancelling(g) and not ended(g.s) and cancel_jobs(g, last)
        elseif kind == 'R' then
            return reopen(g, last)
        elseif kind ~= 'E' or ended(g.s) then
            return tell(g, kind, last)
        end
    end

    -- Those whose progress was to be told later.
    local function look_again()
        for _, id in ipairs(call('ZRANGEBYSCORE', P .. 'gw', '-inf', NOW, 'LIMIT', 0, 50)) do
            local g = group_at(id)
            if g then stirred[id] = g else unrank(P .. 'gw', id) end
        end
    end

    groups_met = {
        groups = groups, group_at = group_at, tally_in = tally_in, gset = gset, stir = stir, told_of = told_of,
        count_in_group = count_in_group, owe = owe, deal = deal, once_more = once_more, wait_again = wait_again, carry_on = carry_on,
        look_again = look_again, cancel = cancel, cancel_member = cancel_member, cancelling = cancelling, seal = seal,
    }
    return groups_met
end
