-- sweep: what else has outlived its setting: groups, audit entries, sessions, operations, sign-outs, meters, effects, notes, fine-grained figures.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: limit; audit, sessions, effects, minutes, hours, days: how long they are kept; groups: {state: how long} of ended ones
-- returns  how many figures went into coarser ones
--include base freely bag gauges
local act = cjson.decode(ARGV[2])
local HOUR, DAY = 3600000000, 86400000000

local function over(key, before)
    return call('ZRANGEBYSCORE', P .. key, '-inf', before, 'LIMIT', 0, act.limit)
end

local function forget_entry(seq)
    local entry = call('HGET', P .. 'A', seq) or ''
    local names = cjson.decode(entry:match('^%d+|%d+|(.*)$') or '["",""]')
    for kind, name in pairs({a = names[1], v = names[2]}) do
        call('ZREM', P .. 'A' .. kind .. ':' .. name, seq)
        if call('EXISTS', P .. 'A' .. kind .. ':' .. name) == 0 then
            call('ZREM', P .. 'Aw' .. kind, name)
        end
    end
    call('HDEL', P .. 'A', seq)
    call('HDEL', P .. 'Ah', seq)
    call('ZREM', P .. 'At', seq)
end

-- From the beginning of the chain, in its order, up to the first that is younger; what is not in it yet stays.
local function forget_audit()
    local mark = call('HMGET', P .. 'Ac', 'anchor', 'head')
    local anchor, head = num(mark[1] or 0), num(mark[2] or 0)
    for seq = anchor + 1, math.min(head, anchor + act.limit) do
        local at = (call('HGET', P .. 'A', seq) or '0|'):match('^%d+')
        if num(at) > NOW - act.audit then
            return
        end
        call('HSET', P .. 'Ac', 'anchor', seq, 'anchor_hash', call('HGET', P .. 'Ah', seq) or '')
        forget_entry(seq)
    end
end

local function forget_sessions()
    for _, id in ipairs(over('se', NOW - act.sessions)) do
        call('DEL', P .. 's:' .. id, P .. 'sc:' .. id, P .. 'hx:' .. id)
        call('ZREM', P .. 'se', id)
    end
end

local function forget_operations()
    for _, id in ipairs(call('ZRANGE', P .. 'opl', 0, 50)) do
        local finished = call('HGET', P .. 'op:' .. id, 'finished')
        if finished and num(finished) + act.sessions <= NOW then
            call('DEL', P .. 'op:' .. id)
            call('ZREM', P .. 'opl', id)
        end
    end
end

-- Groups that ended, but for those within others that may be opened again.
local function forget_groups()
    for state, kept in pairs(act.groups) do
        for _, id in ipairs(over('gf:' .. state, NOW - kept)) do
            local parent = call('HGET', P .. 'G:' .. id, 'p')
            local lives = parent and call('HGET', P .. 'G:' .. parent, 's')
            if not lives or ended(lives) then
                for _, key in ipairs({'gf:' .. state, 'gs:' .. state, 'gz', 'gw', parent and 'gc:' .. parent or nil}) do
                    call('ZREM', P .. key, id)
                end
                call('DEL', P .. 'G:' .. id, P .. 'gp:' .. id)
            end
        end
    end
end

-- Whether jobs with this limit are about to start.
local function has_stand_ins(key)
    for from = 1, call('LLEN', P .. 'ql'), 500 do
        local found = {}
        for code = from, math.min(from + 499, call('LLEN', P .. 'ql')) do
            found[#found + 1] = P .. 'ls:' .. code .. ':' .. key
        end
        if call('EXISTS', unpack(found)) > 0 then
            return true
        end
    end
end

-- Limits that nobody uses or waits for, and that are as good as new: whoever has one brings its words along.
local function forget_limits()
    for _, key in ipairs(over('lu', NOW)) do
        if is_as_new(gauge(key)) and not has_stand_ins(key) then
            call('DEL', P .. 'lm:' .. key)
            call('ZREM', P .. 'lu', key)
            call('ZREM', P .. 'll', key)
        else
            call('ZADD', P .. 'lu', math.max(fades_at(gauge(key)), NOW + 60000000), key)
        end
    end
end

local function forget_visits()
    for _, id in ipairs(over('out', NOW)) do
        call('ZREM', P .. 'out', id)
    end
    for _, key in ipairs(over('mt', NOW)) do
        call('ZREM', P .. 'mt', key)
        call('HDEL', P .. 'mc', key)
    end
end

local function forget_notes()
    for _, member in ipairs(over('nu', NOW)) do
        local kind, name = member:match('^(.-)%z(.*)$')
        call('ZREM', P .. 'nu', member)
        call('HDEL', P .. 'nt:' .. kind, name)
    end
end

local function forget_effects()
    for _, name in ipairs(over('et', NOW - act.effects)) do
        call('ZREM', P .. 'et', name)
        call('HDEL', P .. 'ef', name)
    end
end

-- One row of figures into that of a greater span of time.
local function merge(from, into)
    local flat = call('HGETALL', P .. 'm:' .. from)
    for at = 1, #flat, 2 do
        local field, value = flat[at], num(flat[at + 1])
        if field == 'M' or field == 'rp' or field == 'wp' then
            peak(P .. 'm:' .. into, field, value)
        else
            add(P .. 'm:' .. into, field, value)
        end
    end
    call('DEL', P .. 'm:' .. from)
    call('ZREM', P .. 'mi', from)
end

-- Minutes become hours, hours become days, days end. `mr` says how far each kind has come, so that nothing is looked at
-- twice. Only whole hours (days) are taken; starts that are whole ones already stay where they are.
local function roll_up(grain, kept)
    local moved, mark = 0, 'mr' .. digits(grain)
    local from = call('GET', P .. mark) or '-inf'
    local till = NOW - kept
    local rows = call('ZRANGEBYSCORE', P .. 'mi', from, '(' .. digits(till - till % grain), 'LIMIT', 0, act.limit)
    for _, member in ipairs(rows) do
        local start, rest = member:match('^(%d+)(:.*)$')
        local coarse = digits(start - start % grain)
        if coarse ~= start then
            merge(member, coarse .. rest)
            rank(P .. 'mi', coarse .. rest, coarse)
            moved = moved + 1
        end
        from = start
    end
    if #rows > 0 then
        call('SET', P .. mark, #rows == act.limit and moved == 0 and '(' .. from or from)
    end
    return moved
end

for _, member in ipairs(over('mi', '(' .. digits(NOW - act.days))) do
    call('DEL', P .. 'm:' .. member)
    call('ZREM', P .. 'mi', member)
end
forget_groups()
forget_audit()
forget_sessions()
forget_operations()
forget_visits()
forget_limits()
forget_effects()
forget_notes()
local rolled = roll_up(HOUR, act.minutes)
empty_bag()
rolled = rolled + roll_up(DAY, act.hours)
empty_bag()
return rolled
