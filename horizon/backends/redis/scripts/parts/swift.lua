-- The two moves that nearly every job makes and nothing else: reserved, and completed without anything to say. They do
-- what `move` and `write` would, with a command per group of jobs instead of one per job, at a third of the cost.
--
-- `sp` in a record says that there is something special about it, once and for ever: it goes the long way. `pl` says that its
-- attempt may end the short way: whatever comes up while it runs and would make its end special takes it away again.
local TIME = digits(NOW) -- as text: making one of a number is a dear thing, and a script hands over a lot of them

-- Numbers by piece of the list of pushes, and how many there are of each queue and class.
local function new_batch()
    return {pieces = {}, groups = {}, count = 0}
end

local function group_of(batch, q, c)
    local last = batch.last
    if last and last.q == q and last.c == c then
        return last
    end
    local key = q .. ':' .. c
    local group = batch.groups[key]
    if not group then
        group = {q = q, c = c, key = key, count = 0, numbers = {}, r = {}, w = {}, rt = 0, wt = 0, rp = 0, wp = 0, memory = 0}
        batch.groups[key] = group
    end
    batch.last = group
    return group
end

local function into(batch, q, c, n)
    local chunk = (n - n % SPAN) / SPAN
    local bits = batch.pieces[chunk]
    if not bits then
        bits = {}
        batch.pieces[chunk] = bits
    end
    bits[#bits + 1] = tostring(n % SPAN)
    local group = group_of(batch, q, c)
    group.count = group.count + 1
    batch.count = batch.count + 1
    return group
end

-- The list by states, and the counters.
local function move_batch(batch, from, to)
    for chunk, bits in pairs(batch.pieces) do
        in_parts('SREM', P .. 'n:s' .. from .. ':' .. chunk, bits)
        in_parts('SADD', P .. 'n:s' .. to .. ':' .. chunk, bits)
    end
    for key, group in pairs(batch.groups) do
        for state, by in pairs({[from] = -group.count, [to] = group.count}) do
            call('HINCRBY', P .. 'cq', group.q .. ':' .. state, by)
            call('HINCRBY', P .. 'cn', group.c .. ':' .. state, by)
            call('HINCRBY', P .. 'cc', key .. ':' .. state, by)
        end
    end
end

-- completed -------------------------------------------------------------------------------------------

local function may_be_swift(row)
    return #row == 9 and row[3] == 1
end

local function tally(group, kind, micros)
    local bucket = micros <= 1 and 0 or micros < LARGEST and floor(math.log(micros) / LOG) or 320
    local buckets = group[kind]
    buckets[bucket] = (buckets[bucket] or 0) + 1
end

local function sample_group(group)
    local key = minute_of(group)
    for _, kind in ipairs({'r', 'w'}) do
        for bucket, times in pairs(group[kind]) do
            add(key, kind .. bucket, times)
        end
        add(key, kind .. 'n', group.count)
        add(key, kind .. 't', group[kind .. 't'])
        peak(key, kind .. 'p', group[kind .. 'p'])
    end
    add(key, 'c', group.count)
    if group.memory > 0 then
        peak(key, 'M', group.memory)
    end
end

local function label_ends(n, length, tail, bit)
    local head = cjson.decode(call('GETRANGE', P .. 'p:' .. n, 0, length - 1))
    for _, tag in ipairs(head.t or {}) do
        put(P .. 'f6:t' .. tag .. tail, bit)
    end
    if head.u then
        put(P .. 'f6:u' .. head.u .. tail, bit)
    end
end

-- Where these stand in the list of ends: `first` is the number of the first of them.
local function index_ends(ending, first)
    local pieces = {}
    for at, one in ipairs(ending) do
        local number = first + at - 1
        local chunk, bit = (number - number % SPAN) / SPAN, tostring(number % SPAN)
        local piece = pieces[chunk]
        if not piece then
            piece = {all = {}, map = {}, q = {}, c = {}}
            pieces[chunk] = piece
            chunks['f6\0' .. chunk] = true
        end
        piece.all[#piece.all + 1] = bit
        piece.map[#piece.map + 1] = bit
        piece.map[#piece.map + 1] = one.n
        within(piece.q, one.q)[#within(piece.q, one.q) + 1] = bit
        within(piece.c, one.c)[#within(piece.c, one.c) + 1] = bit
        if one.length then
            label_ends(one.n, one.length, ':' .. chunk, bit)
        end
    end
    for chunk, piece in pairs(pieces) do
        local tail = ':' .. chunk
        in_parts('HSET', P .. 'f6' .. tail, piece.map)
        in_parts('SADD', P .. 'f6:a' .. tail, piece.all)
        for q, bits in pairs(piece.q) do in_parts('SADD', P .. 'f6:q' .. q .. tail, bits) end
        for c, bits in pairs(piece.c) do in_parts('SADD', P .. 'f6:c' .. c .. tail, bits) end
    end
end

local function complete_swiftly(ending)
    local batch, held = new_batch(), {}
    local first = call('INCRBY', P .. 'f6n', #ending) - #ending + 1
    for at, one in ipairs(ending) do
        local row, n = one.row, one.n
        local started = num(one.b) + row[5]
        local waited = math.max(0, started - num(one.a))
        local key = P .. 'j:' .. n
        local worker = worker_of(one)
        local memory = row[7]
        call(
            'HSET', key, 's', COMPLETED, 'F', TIME, 'B', row[5] == 0 and one.b or digits(started), 'D', waited, 'T', row[6], 'L', '1',
            'f', first + at - 1, 'z', '1' .. row[2], 'W', worker, memory and 'M' or 'L', memory or '1'
        )
        call('HDEL', key, 'k', 'w', 'e', 'b', 'pl', 'y', memory and 'pl' or 'M')
        local group = into(batch, one.q, one.c, num(n))
        tally(group, 'r', row[6])
        tally(group, 'w', waited)
        group.rt, group.wt = group.rt + row[6], group.wt + waited
        group.rp, group.wp = math.max(group.rp, row[6]), math.max(group.wp, waited)
        group.memory = math.max(group.memory, memory or 0)
        local whose = one.w .. ':' .. one.e
        local ns = held[whose] or {}
        held[whose] = ns
        ns[#ns + 1] = n
    end
    move_batch(batch, PROCESSING, COMPLETED)
    index_ends(ending, first)
    for _, group in pairs(batch.groups) do
        sample_group(group)
    end
    for whose, ns in pairs(held) do
        in_parts('SREM', P .. 'h:' .. whose, ns)
    end
    call('INCR', P .. 'v')
end

local function settle_all(rows)
    local answers, ending, seen = {}, {}, {}
    for at, row in ipairs(rows) do
        local n = tostring(row[1])
        if seen[n] then
            answers[at] = seen[n] == row[9] .. row[2] and DUP or LOST
        else
            local kept = may_be_swift(row) and call('HMGET', P .. 'j:' .. n, 'pl', 'k', 'q', 'c', 'w', 'e', 'b', 'a', 'g', 'h')
            if kept and kept[1] and kept[2] == row[2] then
                ending[#ending + 1] = {
                    n = n, row = row, q = kept[3], c = kept[4], w = kept[5], e = kept[6], b = kept[7], a = kept[8],
                    length = kept[9] and num(kept[10]),
                }
                answers[at] = OK
                seen[n] = '1' .. row[2]
            else
                answers[at] = settle(row)
            end
        end
    end
    if #ending > 0 then
        complete_swiftly(ending)
    end
    return answers
end

-- reserved --------------------------------------------------------------------------------------------

local ASKED = {'sp', 'q', 'c', 'r', 'h', 'i', 't', 'n', 'R', 'm', 'o', 'x', 'C', 'P', 'a'}

-- What a job is handed over with, in the order of the reply; nil where it needs more than that.
local function swift_look(n)
    local kept = call('HMGET', P .. 'j:' .. n, unpack(ASKED))
    return not kept[1] and kept or nil
end

local function hand_over_swiftly(n, blob, kept, want, batch, made)
    local tries, runs = num(kept[7] or 0) + 1, num(kept[8] or 0) + 1
    local max_tries, timeout = kept[10] or want.tries, kept[11] or want.timeout
    local key = P .. 'j:' .. n
    call(
        'HSET', key, 's', PROCESSING, 't', tries, 'n', runs, 'k', want.word, 'w', want.session, 'e', want.executor, 'b', TIME,
        'pl', '1', kept[10] and 'pl' or want.tries and 'm' or 'pl', kept[10] and '1' or want.tries or '1',
        kept[11] and 'pl' or want.timeout and 'o' or 'pl', kept[11] and '1' or want.timeout or '1'
    )
    into(batch, kept[2], kept[3], num(n))
    local at = #made
    made[at + 1], made[at + 2], made[at + 3], made[at + 4], made[at + 5] = blob, kept[5], kept[6], n, kept[2]
    made[at + 6], made[at + 7], made[at + 8], made[at + 9] = tries, runs, kept[9] or 0, kept[4]
    made[at + 10], made[at + 11], made[at + 12] = max_tries or false, timeout or false, kept[12] or 0
    made[at + 13], made[at + 14], made[at + 15] = kept[13] or kept[14], kept[15], 0
end
