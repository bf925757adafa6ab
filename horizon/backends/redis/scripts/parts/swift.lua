-- The two moves that nearly every job makes and nothing else: reserved, and completed without anything to say. They do
-- what `move` and `write` would, with a command per group of jobs instead of one per job, at a fraction of the cost.
--
-- The last letter of a record tells which jobs these are (see layout.lua): one that waits without a body may begin so, and one
-- whose attempt has had nothing come up since it began may end so. Whatever else comes up is kept in a body of another kind.

-- Records and places in the list of pushes, and how many there are of each queue and class.
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
        group = {q = q, c = c, key = key, count = 0, r = {}, w = {}, rt = 0, wt = 0, rp = 0, wp = 0, memory = 0}
        batch.groups[key] = group
    end
    batch.last = group
    return group
end

local function into(batch, q, c, n, text)
    local chunk = piece_of(num(n))
    local piece = batch.pieces[chunk]
    if not piece then
        piece = {ns = {}, rows = {}}
        batch.pieces[chunk] = piece
    end
    local ns, rows = piece.ns, piece.rows
    ns[#ns + 1] = n
    rows[#rows + 1] = n
    rows[#rows + 1] = text
    local group = group_of(batch, q, c)
    group.count = group.count + 1
    batch.count = batch.count + 1
    return group, chunk
end

-- Members of a group began, or completed (by the pieces they are in). What follows of that goes the long way: where nobody is
-- left, or somebody is to be told.
local function count_members(bytes, began, pieces)
    local id, completed = as_text(bytes), 0
    for chunk, ns in pairs(pieces) do
        in_parts('SREM', P .. 'gm:' .. id .. ':' .. chunk, ns)
        vacated[id .. ':' .. chunk] = true
        completed = completed + #ns
    end
    local key = P .. 'G:' .. id
    local met = long and long.groups_met()
    local g = met and met.groups[id]
    if g then
        met.tally_in(g, PROCESSING, began - completed)
        if completed > 0 then
            met.tally_in(g, COMPLETED, completed)
            met.stir(g)
        end
        return
    end
    call('HINCRBY', key, PROCESSING, began - completed)
    if completed > 0 then
        local kept = call('HMGET', key, 't', '7', '8', 'pg', 'pa')
        local left_over = num(kept[1]) - num(kept[2] or 0) - num(kept[3] or 0) - call('HINCRBY', key, COMPLETED, completed)
        local due = kept[4] and num(kept[5]) + 1000000
        if left_over == 0 or (due and due <= NOW) then
            met = the_long_way().the_groups()
            met.stir(met.group_at(id))
        elseif due then
            call('HSET', key, 'mv', '1')
            call('ZADD', P .. 'gw', due, id)
        end
    end
end

-- The records, the list by states, and the counters.
local function move_batch(batch, from, to)
    for chunk, piece in pairs(batch.pieces) do
        in_parts('SREM', P .. 'n:s' .. from .. ':' .. chunk, piece.ns)
        in_parts('SADD', P .. 'n:s' .. to .. ':' .. chunk, piece.ns)
        in_parts('HSET', P .. 'j:' .. chunk, piece.rows)
    end
    for key, group in pairs(batch.groups) do
        for state, by in pairs({[from] = -group.count, [to] = group.count}) do
            call('HINCRBY', P .. 'cq', group.q .. ':' .. state, by)
            call('HINCRBY', P .. 'cn', group.c .. ':' .. state, by)
            call('HINCRBY', P .. 'cc', key .. ':' .. state, by)
        end
    end
end

-- What every record handed out in this turn ends with; nil where the short way has no room for it.
local function attempt_of(want)
    if #want.word ~= 16 or #want.session > 255 then
        return nil
    end
    return want.session .. struct.pack(ATTEMPT, NOW, want.executor, #want.session) .. want.word .. 'A'
end

-- What the start of an attempt makes of the first bytes of a record, up to the length of the header: the same for jobs alike.
local fronts = {}

local function front_of(first, want)
    local front = fronts[first]
    if not front then
        local _, bits, t, n, m, o, q, c, h = struct.unpack('<c1BI4I4i4dI4I4I4', first)
        if m < 0 then m = want.tries or m end
        if o < 0 then o = want.timeout or o end
        front = {begun = struct.pack(BEGUN, PROCESSING, bits, t + 1, n + 1, m, o), q = q, c = c, h = h, grouped = bits >= GROUPED}
        fronts[first] = front
    end
    return front
end
