-- push: store new jobs, all of them or none.
--
-- KEYS[1]   the connection's prefix
-- ARGV[1]   the time, or empty
-- ARGV[2]   JSON: shapes: what jobs may share: {queue, name, priority, length of the header, kept fields by letter, delay,
--           at, header}; jobs: {shape, dispatched or false, edges or false}, an edge is {index of the job in this push or
--           false, index of its id in ARGV, how}; audit entry or false; refused: {state, reason} stores one that was refused
--           at admission; leave: the only job leaves the inbox, unless it is a duplicate. Where it is about groups, or puts jobs
--           before others: groups: {id, kind, name, parent, allow, allow_all, options, user, tenant}, seal: ids, asked: ids of all
--           groups it speaks of, others: first and last index of ids of edges and of others; a shape then has group: {id, index of its
--           bytes}, a job a fourth value, the indexes of those it goes before, and an edge to a group a third, its id
--           limits: {key, most, per, strategy} of each that its jobs have
-- ARGV[3..] id and blob of each job, by turns; then ids of edges and of those that jobs go before; then of groups
-- returns   {statuses, ids of holders}: 1 created, 2 exists, 3 duplicate, 4 gone; or {'unknown', child, parent, state}, or
--           {'full', queue, most, waiting, more}, or {'groups', statuses, states of those asked for, states of others}, and nothing
--           was written
--include base layout packed bag common record places samples gates groups birth wakes audit inbox

local act = cjson.decode(ARGV[2])
local CREATED, EXISTS, DUPLICATE, GONE = 1, 2, 3, 4
local statuses, holders, new, ids, keys = {}, {}, {}, {}, {}

-- The id comes before everything else: a push that is sent again changes nothing.
local function answer(id, key)
    local n, stored = numbered(id)
    if n or ids[id] then
        return EXISTS, ''
    end
    if stored and num(stored:sub(2)) > NOW then
        return GONE, ''
    end
    if key and keys[key] then
        return DUPLICATE, keys[key]
    end
    local holder = key and holder_of(key)
    if holder then
        return DUPLICATE, holder.i
    end
    return CREATED, ''
end

for at, job in ipairs(act.jobs) do
    local id, shape = ARGV[2 * at + 1], act.shapes[job[1]]
    local key = shape.kept.K
    local status, holder = answer(id, key)
    if act.refused and status == DUPLICATE then
        status = CREATED
    end
    statuses[at], holders[at] = status, holder
    if status == CREATED then
        ids[id] = #new + 1
        new[#new + 1] = {
            id = id, shape = shape, created = job[2] or nil, blob = ARGV[2 * at + 2], edges = job[3] or nil, before = job[4] or nil,
        }
        if key then keys[key] = id end
    end
end

-- Every edge must lead to a job that can still open it; a member may wait in vain.
local function refused_edge()
    for _, one in ipairs(new) do
        for _, edge in ipairs(one.edges or {}) do
            local id = ARGV[edge[1]]
            if not edge[3] and not ids[id] then
                local n = numbered(id)
                local parent = n and load(n)
                if not parent or (not one.shape.group and shut(tostring(edge[2]), parent.s)) then
                    return {'unknown', one.id, id, parent and WORD[parent.s] or ''}
                end
            end
        end
    end
end

local function overflow()
    local more = {}
    for _, one in ipairs(new) do
        more[one.shape.queue] = (more[one.shape.queue] or 0) + 1
    end
    for name, times in pairs(more) do
        local code = call('HGET', P .. 'qd', name)
        local most = code and queue(code).max
        if most then
            local waiting = 0
            for _, state in ipairs({PENDING, SCHEDULED, RETRYING, BLOCKED}) do
                waiting = waiting + num(call('HGET', P .. 'cq', code .. ':' .. state) or 0)
            end
            if waiting + times > most then
                return {'full', name, most, waiting, times}
            end
        end
    end
end

local grouped
if act.asked and not act.refused then
--include joining
    grouped = joining()
end
local problem = not act.refused and (grouped and grouped.problem() or refused_edge() or overflow())
if problem then
    return problem
end
local last = (#new > 0 or grouped) and call('INCRBY', P .. 'n', #new) -- the first write: over maxmemory it is refused, and nothing has changed
if grouped then
    grouped.make_groups()
end
for _, words in ipairs(#new > 0 and not act.refused and act.limits or {}) do
    the_limits().define(words)
end
if #new > 0 then
    for at, one in ipairs(new) do
        one.n = digits(last - #new + at)
        one.r = new_record(one.n, one.id, one.shape, one.created, one.blob)
    end
    for _, one in ipairs(new) do
        local parents = {}
        for _, edge in ipairs(one.edges or {}) do
            local id = ARGV[edge[1]]
            local parent = edge[3] and 'g' .. edge[3] or ids[id] and new[ids[id]].n or numbered(id)
            parents[#parents + 1] = {parent = parent, on = tostring(edge[2])}
        end
        if act.refused then
            set(one.r, 'Ks', '1')
            move(one.r, act.refused[1])
            set(one.r, 'y', act.refused[2])
            count_ended(one.r, act.refused[1])
        else
            create(one.r, parents)
        end
    end
    keep(act.audit, #new)
end
if grouped then
    grouped.join()
end
write()
if act.leave and statuses[1] ~= DUPLICATE then
    leave_inbox(ARGV[3])
end
wake_all()
return {statuses, holders}
