-- What follows from where a record stands: lists, indexes and counters, moved by the difference between before and now.
local entered, drawn = {}, {}
--include limits

-- The sorted set of a queue's jobs of one priority, those that exist, and where they stand.
local function stand(old, r, going)
    local key, member = P .. 'w:' .. old.q .. ':' .. old.r, ordered(r.number)
    if going then
        unrank(key, member)
        if r.d or r.fk or r.fs then unrank(P .. 'y:' .. old.q, r.number) end
        if r.fk then unrank(P .. 'fq:' .. old.q .. ':' .. old.r, turn_of(r, old.p)) end
        if r.ex then unrank(P .. 'due', member) end
        return
    end
    rank(key, member, r.p)
    if r.d or r.fk or r.fs then rank(P .. 'y:' .. r.q, r.number, r.a) end
    if r.fk then rank(P .. 'fq:' .. r.q .. ':' .. r.r, turn_of(r, r.p), 0) end
    if r.ex then -- it is due when it expires
        rank(P .. 'due', member, r.d)
        drawn[member] = r.q
    end
    rank(P .. 'b:' .. r.q, r.r, r.r)
    put(P .. 'bq', r.q)
    entered[r.q] = (entered[r.q] or 0) + 1
end

local function keep_place(old, r, going)
    if old.s == PENDING then
        stand(old, r, going)
    elseif old.lw then -- parked: where, is for limits.lua
        if r.fk and going then unrank(P .. 'fq:' .. old.q .. ':' .. old.r, turn_of(r, old.p)) end
        if r.fk and not going then rank(P .. 'fq:' .. r.q .. ':' .. r.r, turn_of(r, r.p), 0) end
        if r.ex and going then unrank(P .. 'due', ordered(r.number)) end
        if r.ex and not going then rank(P .. 'due', ordered(r.number), r.d) end
    elseif old.s == SCHEDULED or old.s == RETRYING then
        if going then
            unrank(P .. 'due', ordered(r.number))
        else
            rank(P .. 'due', ordered(r.number), old.a)
            drawn[ordered(r.number)] = r.q
        end
    elseif old.s == PROCESSING then
        local key = P .. 'h:' .. old.w .. ':' .. old.e
        if going then
            take(key, r.number)
        else
            put(key, r.number)
            put(P .. 'hx:' .. old.w, old.e)
        end
    end
end

local function count(old, r, by)
    if old.s and not old.hd and not old.nd then
        add(P .. 'cq', old.q .. ':' .. old.s, by)
        add(P .. 'cn', r.c .. ':' .. old.s, by)
        add(P .. 'cc', old.q .. ':' .. r.c .. ':' .. old.s, by)
    end
end

-- indexes: sets of numbers (of ends: `number % 512`), one per order, field, value and piece of 512 ----------------

local function labels(r)
    if not r.g and not r.gr then
        return nil
    end
    if not r.labels then
        local head, made = r.g and header(r) or {}, {}
        for _, tag in ipairs(head.t or {}) do
            made[#made + 1] = 't' .. tag
        end
        if head.u then
            made[#made + 1] = 'u' .. head.u
        end
        if r.gr then
            made[#made + 1] = 'b' .. r.gr
        end
        r.labels = made
    end
    return r.labels
end

local function piece(order, number, going)
    local chunk = piece_of(number)
    if not going then
        chunks[order .. '\0' .. chunk] = true
    end
    return ':' .. chunk
end

-- What never changes about a job, and what does, in the order of pushes.
local function index_push(r, old, change, whole)
    local order = P .. ((old.hd or old.nd) and 'N:' or 'n:')
    local tail, bit = piece('n', num(r.number), change == take), r.number
    change(order .. 's' .. old.s .. tail, bit)
    change(order .. 'q' .. old.q .. tail, bit)
    if old.E then
        change(order .. 'k' .. old.E .. tail, bit)
    end
    if whole then
        change(order .. 'a' .. tail, bit)
        change(order .. 'c' .. r.c .. tail, bit)
        for _, label in ipairs(labels(r) or {}) do
            change(order .. label .. tail, bit)
        end
    end
end

-- How many of a piece failed of each cause, and of all: see slots.lua.
local function count_cause(tail, cause, by)
    add(P .. 'f7:K' .. tail, ALL, by)
    if cause then
        add(P .. 'f7:K' .. tail, cause, by)
    end
end

-- An ended job once more, in the order of ends of its state.
local function index_end(r, old, going)
    local hidden = old.hd or old.nd
    local kind = (hidden and 'F' or 'f') .. old.s
    local order, change = P .. kind .. ':', going and take or put
    local tail, bit = piece(kind, num(old.f), going), num(old.f) % SPAN
    if not going then
        fill(P .. kind .. tail, bit, r.number)
    end
    change(order .. 'a' .. tail, bit)
    change(order .. 'q' .. old.q .. tail, bit)
    change(order .. 'c' .. r.c .. tail, bit)
    if old.E then
        change(order .. 'k' .. old.E .. tail, bit)
    end
    if kind == 'f7' then
        count_cause(tail, old.E, going and -1 or 1)
    end
    for _, label in ipairs(labels(r) or {}) do
        change(order .. label .. tail, bit)
    end
end

-- Numbers of ends, one row of them per state: who ends together is numbered in the order of pushes.
local function number_ends()
    local ending = {}
    for _, r in ipairs(touched) do
        if ended(r.s) and not r.gone and not (r.old.s == r.s and r.f) then
            local one = ending[r.s] or {}
            ending[r.s] = one
            one[#one + 1] = r
        end
    end
    for state, rows in pairs(ending) do
        table.sort(rows, function(a, b) return num(a.number) < num(b.number) end)
        local last = call('INCRBY', P .. 'f' .. state .. 'n', #rows)
        for index, r in ipairs(rows) do
            set(r, 'f', last - #rows + index)
        end
    end
end

local function same(old, r, ...)
    for index = 1, select('#', ...) do
        local field = select(index, ...)
        if old[field] ~= r[field] then
            return false
        end
    end
    return true
end

local function settle_in(r)
    local old = r.old
    if not (r.gone == nil and same(old, r, 's', 'q', 'r', 'p', 'a', 'w', 'e', 'lw')) then
        keep_place(old, r, true)
        if not r.gone then
            keep_place(r, r, false)
        end
    end
    local hidden, hiding = (old.hd or old.nd) and true or false, (r.hd or r.nd) and true or false
    if r.gone or hidden ~= hiding or not same(old, r, 's', 'q') then
        count(old, r, -1)
        if not r.gone then
            count(r, r, 1)
        end
    end
    local whole = old.s == nil or r.gone or hidden ~= hiding
    if whole or not same(old, r, 's', 'q', 'E') then
        if old.s then
            index_push(r, old, take, whole)
        end
        if not r.gone then
            index_push(r, r, put, whole)
        end
    end
    if old.f and (whole or not same(old, r, 's', 'q', 'E', 'f')) then
        index_end(r, old, true)
    end
    if r.f and not r.gone and (whole or not same(old, r, 's', 'q', 'E', 'f')) then
        index_end(r, r, false)
    end
    if old.hd ~= r.hd or r.gone then
        unrank(P .. 'hid', ordered(r.number))
        if r.hd and not r.gone then
            rank(P .. 'hid', ordered(r.number), r.hd)
        end
    end
end

-- Write what was decided so far, but for what follows of it for groups.
local function write_down()
    for index = 1, #touched do
        if touched[index].lk then
            the_limits().deal()
            break
        end
    end
    number_ends()
    for _, r in ipairs(touched) do
        if not (ended(r.s) or r.gone) then
            unset(r, 'f')
        end
        settle_in(r)
    end
    if #touched > 0 then
        call('INCR', P .. 'v')
    end
    for _, r in ipairs(touched) do
        if not r.gone then
            hput(lies_in(r.number), r.number, packed(r))
        end
        r.old = nil
    end
    touched = {}
    empty_bag()
    note_pieces()
end

-- Write everything that this act has decided so far.
local function write()
    if groups_met then
        groups_met.deal()
    end
    write_down()
    if limits_met and limits_met.open() then
        write_down()
    end
end
