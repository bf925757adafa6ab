-- How a record comes into being.
local codes = {}

-- The small number of a name (of a queue: 'q', of a class: 'c'), given once and for ever.
local function code_of(kind, name)
    local cached = codes[kind .. name]
    if cached then
        return cached
    end
    local code = call('HGET', P .. kind .. 'd', name)
    if not code then
        code = tostring(call('RPUSH', P .. kind .. 'l', name))
        call('HSET', P .. kind .. 'd', name, code)
        if kind == 'q' and name:sub(1, 8) == 'horizon:' then -- a lane (core/lanes.py): nobody takes anything from it
            call('HSET', P .. 'q:' .. code, 'lane', 1)
            call('SADD', P .. 'qp', code)
        end
        if kind == 'q' and name:sub(1, 5) == 'dead:' then -- where dead letters stand (core/dead.py)
            call('HSET', P .. 'q:' .. code, 'of', code_of('q', name:sub(6)))
        end
    end
    codes[kind .. name] = code
    return code
end

-- `shape`: what jobs that are pushed together may share, see push.lua. Nothing is decided yet about its state.
local function new_record(n, id, shape, created, blob)
    local r = {number = n, header = shape.header}
    jobs[n] = r
    set(r, 'i', id)
    set(r, 'q', code_of('q', shape.queue))
    set(r, 'c', code_of('c', shape.name))
    set(r, 'r', tostring(shape.priority or 0))
    set(r, 'P', NOW)
    set(r, 'h', shape.length)
    set(r, 'hp', #blob)
    set(r, 'a', shape.at or NOW + (shape.delay or 0))
    if created then set(r, 'C', created) end
    for field, value in pairs(shape.kept) do
        set(r, field, value)
    end
    for _, tag in ipairs(shape.header and shape.header.t or {}) do
        add(P .. 'tn', tag, 1)
        rank(P .. 'tg', tag, 0)
    end
    if shape.group then
        local bytes = ARGV[shape.group[2]]
        r.gr, r.gb = shape.group[1], string.char(#bytes) .. bytes
    end
    hput(bucket(id), id, n)
    if #blob <= NEAR then
        hput(P .. 'p:' .. piece_of(num(n)), n, blob)
    else
        r.far = '1'
        call('SET', P .. 'P:' .. n, blob)
    end
    count_pushed(r)
    return r
end

local function wait_for(r, key, on)
    local parent = parent_of(key)
    local met = parent and (satisfied(on, parent.s) or on == '2' and parent.fa ~= nil) or false
    local wait = {parent = key, on = on}
    waits(r, wait)
    set(r, 'we', '1')
    meet(r, wait, met)
    rank(P .. 'd:' .. key, r.number, r.number)
    if parent and parent.id then
        the_groups().told_of(parent, on)
    elseif parent and not parent.dp then
        set(parent, 'dp', '1')
    end
end

local function create(r, parents)
    for _, edge in ipairs(parents or {}) do
        wait_for(r, edge.parent, edge.on)
    end
    take_key(r)
    for _, wait in ipairs(edges[r.number] or {}) do
        if not wait.met then
            move(r, BLOCKED)
            return
        end
    end
    local at = num(r.a)
    if at > NOW then move(r, SCHEDULED, at) else move(r, PENDING) end
end
