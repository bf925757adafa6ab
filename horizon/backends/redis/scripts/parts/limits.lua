-- What holds jobs back until there is room: see lots.lua. All of this is made when the first limited job is met: acts without any
-- must not pay for it.
function the_limits()
    if limits_met then
        return limits_met
    end
--include gauges lots

    local function define(words)
        local l = gauge(words[1])
        if redefine(l, words[2], words[3], words[4]) then
            changed[l.key] = l
            look_at(l.key)
        end
    end

    -- Whether all of its limits have room for one more; makes known those that nobody knows.
    local function has_room(r)
        local fits = true
        for _, key in ipairs(r.lk) do
            fits = free_in(gauge_of(r, key)) > 0 and fits
        end
        return fits
    end

    local function start(r)
        for _, key in ipairs(r.lk) do
            local l = gauge(key)
            take_of(l)
            changed[key] = l
        end
    end

    -- A stand-in whose room another lot, or another queue, has used.
    local function bar(r)
        local sits = find_seat(r, r)
        local lot, member = lot_of(r.q, r.lk), standing(r)
        if sits then stand_up(r) end
        local closed = barred_by(lot, member)
        park(r, lot, member, closed or lot.keys[1])
    end

    -- It runs no longer. Where it never began, what it took goes back.
    local function leave_running(r)
        for _, key in ipairs(r.lk) do
            local l = gauge_of(r, key)
            l.running = math.max(0, l.running - 1)
            if r.unbegun then give_back_to(l, r.unbegun) end
            changed[key] = l
            if r.unbegun or l.how == 'concurrent' then look_at(key) end
        end
        r.unbegun = nil
    end

    local function settle_one(r)
        local old, sits = r.old, find_seat(r, r.old)
        local lane = queue(r.q).lane
        if r.lw and lane then move(r, PENDING, nil, true) end -- nobody waits for room in a lane
        local waits = not r.gone and not lane and (r.s == PENDING or r.lw)
        if sits and not (waits and sits.lot.q == r.q and sits.member == standing(r)) then
            if sits.parked then take_out(sits.lot, sits.member) else stand_up(r, r.s == PROCESSING) end
            r.sits = false
        end
        if old.s == PROCESSING and r.s ~= PROCESSING then
            leave_running(r)
        end
        if waits and not r.sits then
            has_room(r)
            enter(r)
        end
    end

    -- The queue is paused: its lots are looked at when it goes on.
    local function lay_by(q, l)
        put(P .. 'lz:' .. q, l.key)
        local till = call('HGET', P .. 'q:' .. q, 'until')
        if till then rank(P .. 'due', '!' .. q .. ':', till) end
    end

    -- When the lots of a queue that wait for a limit are looked at again: never later than was said, unless this act has looked.
    local function note_time(q, l)
        local member = '!' .. q .. ':' .. l.key
        local seen = looked[q .. ':' .. l.key]
        local before = not seen and num(call('ZSCORE', P .. 'due', member) or nil)
        local at = late[q .. ':' .. l.key] and NOW or grows_at(l) or before
        if l.waits[q] > 0 and queue(q).paused then
            lay_by(q, l)
            at = nil
        end
        if at and l.waits[q] > 0 then
            rank(P .. 'due', member, math.min(at, before or at))
            drawn[member] = q
        else
            unrank(P .. 'due', member)
        end
    end

    local function keep()
        for key, l in pairs(changed) do
            local marks = {}
            for at, mark in ipairs(l.marks) do
                marks[at] = digits(mark.at) .. ':' .. digits(mark.taken)
            end
            call('HSET', P .. 'lm:' .. key, 'most', l.most, 'per', l.per, 'how', l.how, 'g', table.concat(marks, ' '), 'r', l.running)
            for q, many in pairs(l.waits) do
                note_time(q, l)
                if many > 0 then hput(P .. 'lm:' .. key, 'w' .. q, many) else hdrop(P .. 'lm:' .. key, 'w' .. q) end
            end
            rank(P .. 'll', key, -l.waiting)
            rank(P .. 'lu', key, fades_at(l))
        end
        is_late = is_late or next(late) ~= nil
        changed, late, looked = {}, {}, {}
    end

    -- What the moves of this act mean for limits, before they are written.
    local function deal()
        for _, r in ipairs(touched) do
            if r.lk then settle_one(r) end
        end
        keep()
    end

    -- Its time has come: of a limit on a queue, or of a paused queue to go on.
    local function wake_line(member, most)
        budget = math.max(budget, most)
        local q, key = member:match('^!(%d+):(.*)$')
        unrank(P .. 'due', member)
        if key ~= '' then
            look_at(key, q)
            return
        end
        for _, one in ipairs(call('SPOP', P .. 'lz:' .. q, most)) do
            look_at(one, q)
        end
        if call('EXISTS', P .. 'lz:' .. q) == 1 then rank(P .. 'due', member, NOW) end
    end

    -- Parked jobs go on where there is room now; whether any line was looked at.
    local function open()
        local id, hook = next(hooks)
        if not id then
            return false
        end
        while id do
            hooks[id] = nil
            if gauge(hook.key).most then
                changed[hook.key], looked[id] = gauge(hook.key), true
                open_line(hook.q, hook.key)
            end
            id, hook = next(hooks)
        end
        keep()
        return true
    end

    -- What a parked job waits for, as parking.py says it.
    local function grouped(n)
        return (digits(n):reverse():gsub('(%d%d%d)', '%1,'):reverse():gsub('^,', ''))
    end

    -- as `span` of core/limit.py says it
    local function span(per)
        for _, unit in ipairs({{86400000000, 'd'}, {3600000000, 'h'}, {60000000, 'min'}}) do
            if per > 60000000 and per % unit[1] == 0 then return grouped(per / unit[1]) .. ' ' .. unit[2] end
        end
        return ('%g s'):format(per / 1000000)
    end

    local function words_for(r)
        local l = gauge(lot_of(r.q, r.lk).hook)
        return l.key .. ', ' .. grouped(l.most) .. (l.how == 'concurrent' and ' at a time' or ' in ' .. span(l.per))
    end

    limits_met = {
        words_for = words_for,
        define = define, has_room = has_room, start = start, bar = bar, deal = deal, wake_line = wake_line, open = open, keep = keep,
        goes_on = function() return is_late end,
    }
    return limits_met
end
