-- Where limited jobs wait: as stand-ins in the lists of their queue, of each limit as many as it has room for, or parked in lots.
--
-- ls:<queue>:<limit>  its stand-ins of a queue, in order
-- lp:<lot>            parked jobs of one queue that have the same limits, in order; a lot is a queue and a list of keys
-- lo:<lot>            x the limit that it waits for, m its member there
-- lq:<queue>:<limit>  the lots of a queue that wait for a limit, in the order of their best jobs; when they are looked at again stands
--                     in `due` as !<queue>:<limit>
-- lz:<queue>          limits whose lots are looked at when a paused queue goes on: in `due` !<queue>: where that has a time
local lots, changed, hooks, looked, late, is_late = {}, {}, {}, {}, {}, false
local budget = 100 -- parked jobs that one act lets in, and lots it looks at

-- Where a job stands among others of its queue: as text that sorts so, byte by byte. Behind it its number.
local function standing(r)
    return struct.pack('>I2d', 32768 - num(r.r), num(r.p)) .. ordered(r.number)
end

local function number_in(member)
    return member:sub(12, 10 + member:byte(11) - 64 + 1)
end

-- Lua compares texts by the words of a country.
local function precedes(one, other)
    local rank_of, place_of = struct.unpack('>I2d', one)
    local its_rank, its_place = struct.unpack('>I2d', other)
    if rank_of ~= its_rank then
        return rank_of < its_rank
    elseif place_of ~= its_place then
        return place_of < its_place
    end
    return num(number_in(one)) < num(number_in(other))
end

local function seats(q, key)
    return P .. 'ls:' .. q .. ':' .. key
end

local function line(q, key)
    return P .. 'lq:' .. q .. ':' .. key
end

-- What waits for this limit on this queue, or on all queues where none is named, is looked at before the act ends.
local function look_at(key, q)
    for code, many in pairs(q and {[q] = 1} or gauge(key).waits) do
        if many > 0 then hooks[code .. ':' .. key] = {q = code, key = key} end
    end
end

local function lot_of(q, keys)
    local id = q .. ':' .. cjson.encode(keys)
    local lot = lots[id]
    if not lot then
        local kept = call('HMGET', P .. 'lo:' .. id, 'x', 'm')
        lot = {id = id, q = q, keys = keys, hook = kept[1] or nil, member = kept[2] or nil, count = 0}
        if lot.member then
            lot.count = call('ZCARD', P .. 'lp:' .. id)
            lot.best = lot.member:sub(1, 11 + #number_in(lot.member))
        end
        lots[id] = lot
    end
    return lot
end

local function lot_at(member)
    local q, keys = member:sub(12 + #number_in(member)):match('^(%d+):(.*)$')
    return lot_of(q, cjson.decode(keys))
end

local function count_parked(key, q, by)
    local l = gauge(key)
    l.waits[q] = (l.waits[q] or 0) + by
    l.waiting = l.waiting + by
    changed[key] = l
end

-- A lot waits for this limit, in the place of its best job; for none where nobody is parked.
local function hang(lot, key)
    local best = lot.count > 0 and call('ZRANGE', P .. 'lp:' .. lot.id, 0, 0)[1] or nil
    local member = best and best .. lot.id
    key = member and key
    if member ~= lot.member or key ~= lot.hook then
        if lot.member then call('ZREM', line(lot.q, lot.hook), lot.member) end
        if member then
            call('ZADD', line(lot.q, key), 0, member)
            call('HSET', P .. 'lo:' .. lot.id, 'x', key, 'm', member)
        else
            call('DEL', P .. 'lo:' .. lot.id)
        end
    end
    if key ~= lot.hook then
        if lot.hook then count_parked(lot.hook, lot.q, -lot.count) end
        if key then count_parked(key, lot.q, lot.count) end
    end
    lot.hook, lot.member, lot.best = key, member, best
end

-- `key`: what it waits for; nil where it stands behind others of its lot.
local function put_in(lot, member, key)
    call('ZADD', P .. 'lp:' .. lot.id, 0, member)
    lot.count = lot.count + 1
    if not lot.hook then
        hang(lot, key)
        return
    end
    count_parked(lot.hook, lot.q, 1)
    if precedes(member, lot.best) then hang(lot, key) end
end

local function take_out(lot, member)
    if call('ZREM', P .. 'lp:' .. lot.id, member) == 0 then
        return
    end
    lot.count = lot.count - 1
    count_parked(lot.hook, lot.q, -1)
    if member == lot.best then hang(lot, lot.hook) end
end

-- As the job itself tells it, where the store has forgotten.
local function gauge_of(r, key)
    local l = gauge(key)
    for _, words in ipairs(not l.most and header(r).L or {}) do
        if words[1] == key then redefine(l, words[2], words[3], words[4]) end
    end
    if not l.most then
        redefine(l, MOST_LIMIT, 0, 'concurrent')
    end
    return l
end

-- Which limit keeps this one out, the last to open of several; nil where none does, and the stand-ins that must make way for it.
local function barred_by(lot, member)
    local closed, at, out = nil, nil, {}
    for _, key in ipairs(lot.keys) do
        local l, q = gauge(key), lot.q
        if not l.most then gauge_of(load(number_in(member)), key) end
        local first = (l.waits[q] or 0) > 0 and call('ZRANGE', line(q, key), 0, 0)[1]
        local barred = first and first ~= lot.member and precedes(first, member)
        if not barred and free_in(l) <= call('ZCARD', seats(q, key)) then
            local last = free_in(l) > 0 and call('ZRANGE', seats(q, key), -1, -1)[1]
            barred = not (last and precedes(member, last))
            if not barred then out[last] = true end
        end
        local opens = grows_at(l) or -1
        if barred and (not at or opens >= at) then
            closed, at = key, opens
        end
    end
    return closed, out
end

local function sit(r, lot, member)
    for _, key in ipairs(lot.keys) do
        call('ZADD', seats(lot.q, key), 0, member)
    end
    r.sits = {lot = lot, member = member}
end

-- `started`: what it leaves is used, else it is for others.
local function stand_up(r, started)
    local lot = r.sits.lot
    for _, key in ipairs(lot.keys) do
        call('ZREM', seats(lot.q, key), r.sits.member)
        if not started then look_at(key, lot.q) end
    end
    r.sits = false
end

local function park(r, lot, member, key)
    if r.s ~= SCHEDULED then
        if r.gr then the_groups().count_in_group(r, SCHEDULED) end
        set(r, 's', SCHEDULED)
        set(r, 'lw', '1')
    end
    put_in(lot, member, key)
    r.sits = {lot = lot, member = member, parked = true}
end

-- Where it is according to the indexes.
local function find_seat(r, was)
    if r.sits == nil then
        local there = was.s == PENDING or (was.s == SCHEDULED and was.lw)
        there = there and not queue(was.q).lane
        local member = there and standing({number = r.number, r = was.r, p = was.p})
        r.sits = there and {lot = lot_of(was.q, r.lk), member = member, parked = was.s == SCHEDULED} or false
    end
    return r.sits
end

-- Those are the last of the stand-ins, and somebody else has come before them.
local function make_way(out)
    for member in pairs(out) do
        local r = load(number_in(member))
        if r and find_seat(r, r.old or r) and not r.sits.parked then
            local lot = r.sits.lot
            stand_up(r)
            if r.s == PENDING and r.q == lot.q and standing(r) == member then -- else it is about to leave by itself
                local closed = barred_by(lot, member)
                if closed then park(r, lot, member, closed) else sit(r, lot, member) end
            end
        end
    end
end

local function let_in(r, lot, member, out)
    if r.s ~= PENDING then move(r, PENDING, nil, true) end
    sit(r, lot, member)
    make_way(out)
end

-- A job that could start: behind others of its lot, in a seat, or parked.
local function enter(r)
    local lot, member = lot_of(r.q, r.lk), standing(r)
    if lot.count > 0 and not precedes(member, lot.best) then
        park(r, lot, member)
        return
    end
    local closed, out = barred_by(lot, member)
    if closed then park(r, lot, member, closed) else let_in(r, lot, member, out) end
end

-- Parked jobs of a lot, the best first, while there is room.
local function empty_lot(lot)
    while budget > 0 and lot.count > 0 do
        local member = lot.best
        local closed, out = barred_by(lot, member)
        if closed then
            hang(lot, closed)
            return
        end
        take_out(lot, member)
        local r = load(number_in(member))
        if r and r.lw then
            budget = budget - 1
            let_in(r, lot, member, out)
        end
    end
end

local function open_line(q, key)
    if queue(q).paused then
        return
    end
    while true do
        local member = call('ZRANGE', line(q, key), 0, 0)[1]
        local lot = member and lot_at(member)
        if not lot then
            return
        elseif lot.member ~= member then
            call('ZREM', line(q, key), member)
        elseif budget <= 0 then
            late[q .. ':' .. key] = true
            return
        else
            budget = budget - 1
            empty_lot(lot)
            local first = call('ZRANGE', line(q, key), 0, 0)[1]
            if budget > 0 and first and first == lot.member then -- it is for this limit that it waits, not for those before it
                return
            end
        end
    end
end
