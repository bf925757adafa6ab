-- turn: settle what ended and reserve what comes next, in one act.
--
-- KEYS[1]   the connection's prefix
-- ARGV[1]   the time, or empty
-- ARGV[2]   JSON: o outcomes (see parts/attempts.lua) and `at` their places among all, limits {lease, crashes, lines, follow-up's
--           class}, admitted: the inbox was just looked into, w what is wanted or false: {session, executor, count, queues,
--           fair, draw, max_bytes, floor (a priority or nil), limited (at most so many of these, or nil), tries, timeout, word, again};
--           queues are names, none for all
-- ARGV[3]   the other outcomes: attempts that simply worked (see parts/worked.lua)
-- ARGV[4..] bytes of results
-- returns   {answers, reservations, next due or nil, time, whether the inbox waits to be admitted first}; a reservation
--           is three of them: number, record (see parts/layout.lua), header and payload
--include base layout packed freely bag common next

local function tell_of(made, n, text)
    local at = #made
    made[at + 1], made[at + 2], made[at + 3] = n, text, false
end

-- Everything that is not plain goes the long way. What that takes is made when it is first wanted: making all these
-- functions takes longer than a plain turn.
local long

local function the_long_way()
    if long then
        return long
    end
--include record places samples gates groups birth attempts sessions due wakes

    -- What an earlier turn of this word has handed out, and nobody has heard of.
    local function unheard(want, mine)
        local made = {}
        for _, n in ipairs(call('SMEMBERS', mine)) do
            local r = load(n)
            if r and r.k == want.word then
                tell_of(made, n, packed(r))
            end
        end
        return made
    end

    local function hand_over(r, want, made)
        if r.S then set(r, 'A', '1') end
        if not r.m and want.tries then set(r, 'm', want.tries) end
        if not r.o and want.timeout then set(r, 'o', want.timeout) end
        set(r, 't', num(r.t or 0) + 1)
        set(r, 'n', num(r.n or 0) + 1)
        unset(r, 'G', 'N')
        move(r, PROCESSING)
        set(r, 'k', want.word)
        set(r, 'w', want.session)
        set(r, 'e', tostring(want.executor))
        set(r, 'b', NOW)
        spend_key(r)
        tell_of(made, r.number, packed(r))
    end

    long = {
        jobs = jobs, load = load, settle = settle, promote = promote, reap = reap, carry_gates_on = carry_gates_on, write = write,
        wake_all = wake_all, hand_over = hand_over, unheard = unheard,
        groups_met = function() return groups_met end, the_groups = the_groups, the_limits = the_limits,
    }
    return long
end

-- Write everything that was decided so far.
local function write_all()
    if long then
        long.write()
    else
        empty_bag()
        note_pieces()
    end
end

--include swift worked

--include order

-- What was picked so far: how much of it there is, and from which bands.
local function new_pick(want, busy)
    return {
        made = {}, count = 0, size = 0, want = want, busy = busy, batch = new_batch(), bands = {}, numbers = {}, limited = 0, barred = 0,
        attempt = attempt_of(want), members = {},
    }
end

-- Whether a limited job may start now: one that cannot is parked, or passed over where the worker takes no more of them.
local function may_start(pick, r)
    if pick.limited >= (pick.want.limited or math.huge) then
        return false
    elseif long.the_limits().has_room(r) then
        return true
    end
    long.the_limits().bar(r)
    pick.barred = pick.barred + 1
    return false
end

-- Take one more job; false where the picking ends with or before it. A suspect is taken alone; one that cannot be, yet,
-- ends the picking: it must not starve.
local function take_one(pick, n, text, band, member)
    local r = not (pick.attempt and text:byte(-1) == 46) and the_long_way().load(n)
    if r and r.ex and num(r.d) <= NOW then -- it ends with the next steps of housekeeping
        return true
    end
    if r and r.S and (pick.count > 0 or pick.busy) then
        return false
    end
    if r and r.lk and not may_start(pick, r) then
        return true
    end
    local front = not r and front_of(text:sub(1, 34), pick.want)
    pick.size = pick.size + struct.unpack('<I4', text, 35) - (r or front).h
    if pick.count > 0 and pick.size > pick.want.max_bytes then
        return false
    end
    pick.count = pick.count + 1
    if r then
        if r.lk then
            pick.limited = pick.limited + 1
            long.the_limits().start(r)
        end
        long.hand_over(r, pick.want, pick.made)
        return not r.S and pick.count < pick.want.count
    end
    local begun = front.begun .. text:sub(REST, -2) .. pick.attempt
    into(pick.batch, front.q, front.c, n, begun)
    if front.grouped then
        local at = ID + begun:byte(ID - 1)
        local group = begun:sub(at + 1, at + begun:byte(at))
        pick.members[group] = (pick.members[group] or 0) + 1
    end
    tell_of(pick.made, n, begun)
    local members = within(pick.bands, band)
    members[#members + 1] = member
    pick.numbers[#pick.numbers + 1] = n
    return pick.count < pick.want.count
end

-- Look at as many of a band as are still wanted, behind those seen before; how many there were, or false where the picking is over.
local function pick_some(pick, band, seen)
    local members = call('ZRANGE', band, seen, seen + pick.want.count - pick.count - 1)
    local ns = {}
    for at, member in ipairs(members) do
        ns[at] = member:sub(2)
    end
    local texts = from_pieces('j:', ns)
    for at, member in ipairs(members) do
        if not take_one(pick, ns[at], texts[at], band, member) then
            return false
        end
    end
    return #members
end

local MOST_BARRED = 200 -- stand-ins that one turn puts back at the most, or a few more

-- Look through a queue's bands, the highest priority first; false where the picking is over. Bands and queues in which
-- nothing is left are noted no more.
local function pick_from(pick, code)
    local found, least = 0, pick.want.floor
    for _, priority in ipairs(call('ZREVRANGE', P .. 'b:' .. code, 0, -1)) do
        if least and num(priority) < least then
            return true
        end
        local band, barred = P .. 'w:' .. code .. ':' .. priority, nil
        local seen = 0
        repeat -- once more where limits kept back some of those
            barred = pick.barred
            local met = pick_some(pick, band, seen)
            if not met then
                return false
            end
            seen = seen + met
        until pick.barred == barred or barred > MOST_BARRED
        if seen == 0 then
            call('ZREM', P .. 'b:' .. code, priority)
        end
        found = found + seen
    end
    if found == 0 then
        call('SREM', P .. 'bq', code)
    end
    return true
end

local function write_pick(pick)
    if pick.batch.count > 0 then
        for band, members in pairs(pick.bands) do
            in_parts('ZREM', band, members)
        end
        move_batch(pick.batch, PENDING, PROCESSING)
        for group, many in pairs(pick.members) do
            count_members(group, many, {})
        end
        local mine = pick.want.session .. ':' .. pick.want.executor
        in_parts('SADD', P .. 'h:' .. mine, pick.numbers)
        call('SADD', P .. 'hx:' .. pick.want.session, pick.want.executor)
        call('INCR', P .. 'v')
    end
    write_all()
end

-- Headers and payloads of what is handed out.
local function with_payloads(made)
    local near, places = {}, {}
    for at = 1, #made, 3 do
        local n = made[at]
        if made[at + 1]:byte(2) % GROUPED >= FAR then
            made[at + 2] = call('GET', P .. 'P:' .. n)
        else
            near[#near + 1] = n
            places[#near] = at + 2
        end
    end
    for at, blob in ipairs(from_pieces('p:', near)) do
        made[places[at]] = blob
    end
    return made
end

-- Nothing for a session the store has given up, nothing beside a job that must run alone.
local function reserve(want, wanted)
    if want.count <= 0 or not is_open(want.session) then
        return {}
    end
    local mine = P .. 'h:' .. want.session .. ':' .. want.executor
    local held = call('SCARD', mine)
    if want.again and held > 0 then
        local made = the_long_way().unheard(want, mine)
        if #made > 0 then
            return made
        end
    end
    local alone = held == 1 and fields(call('SMEMBERS', mine)[1])
    if alone and alone.A then
        return {}
    end
    local pick = new_pick(want, held > 0)
    for _, code in ipairs(in_order(want, wanted)) do
        if not pick_from(pick, code) then
            break
        end
    end
    write_pick(pick)
    return pick.made
end

-- What is due becomes pending, what expired sessions held goes back, and gates are opened on.
local function keep_house()
    watch_clock()
    if #call('ZRANGEBYSCORE', P .. 'due', '-inf', NOW, 'LIMIT', 0, 1) > 0 then
        the_long_way().promote(100) -- DUE_IN_PASSING of values.py
    end
    if #call('ZRANGEBYSCORE', P .. 'sl', '-inf', NOW, 'LIMIT', 0, 1) > 0 then
        the_long_way().reap(250)
    end
    if call('EXISTS', P .. 'gt', P .. 'gw') > 0 then
        if call('EXISTS', P .. 'gt') == 1 then
            the_long_way().carry_gates_on()
        end
        if #call('ZRANGEBYSCORE', P .. 'gw', '-inf', NOW, 'LIMIT', 0, 1) > 0 then
            the_long_way().the_groups().look_again()
        end
    end
end

local act = cjson.decode(ARGV[2])
LIMITS = {lease = act.limits[1], crashes = act.limits[2], lines = act.limits[3], follow_up = act.limits[4]}
local answers = settle_all(act.o, act.at, ARGV[3])
keep_house()
write_all()
local want, made, wanted = act.w, {}, nil
local admit_first = not act.admitted and call('EXISTS', P .. 'ib') == 1
if want then
    wanted = codes_of(want.queues)
    if not admit_first then
        made = with_payloads(reserve(want, wanted))
    end
end
if long then
    long.wake_all()
end
return {answers, made, next_due(wanted) or false, NOW, admit_first and 1 or 0}
