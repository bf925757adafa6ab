-- push_plain: push, for jobs that wait for nobody and have no unique key: nearly all of them. It does what push.lua does, but
-- makes no functions (making push.lua's takes longer than storing a job) and one command per key instead of one per job.
--
-- KEYS[1]   the connection's prefix
-- ARGV[1]   the time, or empty
-- ARGV[2]   JSON: shapes, jobs: as for push.lua; only how many they are, where all are of one shape and none has a time of its own;
--           of members of groups also asked and seal, as for push.lua
-- ARGV[3..] id and blob of each job, by turns; then ids of groups
-- returns   {statuses}: 1 created, 2 exists, 4 gone; no status at all where every job is created; or {'full', queue, most,
--           waiting, more}, or {'long'} where it takes push.lua to deal with its groups, and nothing was written
--include layout
local call, P = redis.call, KEYS[1]
--include ids
local act = cjson.decode(ARGV[2])
local shapes, jobs = act.shapes, act.jobs
local alike = type(jobs) == 'number'
local total = alike and jobs or #jobs
local now
if ARGV[1] ~= '' then
    now = tonumber(ARGV[1])
else
    local time = call('TIME')
    now = time[1] * 1000000 + time[2]
end
local text = string.format('%.0f', now)

-- Answer for every job first. The id comes before everything else: a push that is sent again changes nothing.
local statuses, new, seen, buckets, asked, known = {}, {}, {}, {}, {}, {}
for at = 1, total do
    local id = ARGV[2 * at + 1]
    local key = bucket(id)
    local those = asked[key]
    if not those then
        those = {ids = {}, ats = {}, new = {}}
        asked[key] = those
    end
    those.ids[#those.ids + 1], those.ats[#those.ats + 1] = id, at
    buckets[at] = those
end
for key, those in pairs(asked) do
    for index, n in ipairs(call('HMGET', key, unpack(those.ids))) do
        known[those.ats[index]] = n
    end
end
for at = 1, total do
    local id, n = ARGV[2 * at + 1], known[at]
    if seen[id] or (n and n:sub(1, 1) ~= '-') then
        statuses[at] = 2
    elseif n and tonumber(n:sub(2)) > now then
        statuses[at] = 4
    else
        statuses[at], seen[id] = 1, true
        new[#new + 1] = at
        local shape = shapes[alike and 1 or jobs[at][1]]
        shape.count = (shape.count or 0) + 1
    end
end

-- Groups that live, and of which nothing is to be told, only count their new members; what ends one with its sealing comes later.
local groups, sealed = act.asked or {}, {}
for _, id in ipairs(act.seal or {}) do
    sealed[id] = true
end
for at, id in ipairs(groups) do
    local kept = call('HMGET', P .. 'G:' .. id, 's', 'Y', 'fa', 'pg', '7', 'n', 'p')
    local group = {id = id, state = kept[1], n = kept[6], parent = kept[7], count = 0, sealed = sealed[id] and kept[1] == '1'}
    if (kept[1] ~= '1' and kept[1] ~= '2') or kept[2] or kept[3] or kept[4] or (group.sealed and tonumber(kept[5] or 0) > 0) then
        return {'long'}
    end
    groups[at], groups[id] = group, group
end
for _, shape in ipairs(shapes) do
    local group = shape.group and groups[shape.group[1]]
    if group then
        group.count = group.count + (shape.count or 0)
    end
end
for _, group in ipairs(groups) do
    if group.sealed and group.count == 0 then
        return {'long'}
    end
end
if #new == 0 then
    return {statuses}
end

-- Queues that are full refuse all of it.
local more = {}
for _, shape in ipairs(shapes) do
    if shape.count then
        more[shape.queue] = (more[shape.queue] or 0) + shape.count
    end
end
for name, count in pairs(more) do
    local code = call('HGET', P .. 'qd', name)
    local most = code and call('HGET', P .. 'q:' .. code, 'max')
    if most then
        local waiting = 0
        for _, times in ipairs(call('HMGET', P .. 'cq', code .. ':1', code .. ':3', code .. ':4', code .. ':5')) do
            waiting = waiting + tonumber(times or 0)
        end
        if waiting + count > tonumber(most) then
            return {'full', name, most, waiting, count}
        end
    end
end

-- The first write: over maxmemory it is refused, and nothing has changed.
local last = call('INCRBY', P .. 'n', #new)
local sets, bands, due, sums, woken, samples = {}, {}, {}, {}, {}, {}
for _, shape in ipairs(shapes) do
    if shape.count then
        for kind, name in pairs({q = shape.queue, c = shape.name}) do
            local code = call('HGET', P .. kind .. 'd', name)
            if not code then
                code = tostring(call('RPUSH', P .. kind .. 'l', name))
                call('HSET', P .. kind .. 'd', name, code)
                if kind == 'q' and name:sub(1, 8) == 'horizon:' then -- a lane (core/lanes.py): nobody takes anything from it
                    call('HSET', P .. 'q:' .. code, 'lane', 1)
                    call('SADD', P .. 'qp', code)
                end
            end
            shape[kind] = code
        end
        local at = shape.at or now + (shape.delay or 0)
        local state = at > now and '3' or '1'
        local place = now + tonumber(call('HGET', P .. 'q:' .. shape.q, 'patience') or 3600000000)
        place = math.min(place, 9007199254740991)
        shape.state = state
        shape.place = shape.kept.d and math.min(place, shape.kept.d) or place
        shape.starts = state == '1' and now or at
        shape.score = string.format('%.0f', state == '1' and shape.place or at) -- as text: Redis would print a number for every job
        local kept = shape.kept
        shape.bits = (kept.g and TAGGED or 0) + (kept.H and HOOK or 0) + (shape.group and GROUPED or 0)
        shape.limits = struct.pack('<I4I4i4dI4I4I4', 0, 0, kept.m or -1, kept.o or -1, shape.q, shape.c, shape.length)
        shape.times = struct.pack(
            '<dddi4I4I4i4', now, shape.starts, state == '1' and shape.place or -1, shape.priority, kept.R or 0, kept.x or 0, kept.X or -1
        )
        shape.body = kept.d and '{"d":"' .. string.format('%.0f', kept.d) .. '"}J' or '.'
        if shape.group then
            local bytes = ARGV[shape.group[2]]
            shape.body = string.char(#bytes) .. bytes .. shape.body
        end
        for _, field in ipairs({'cq\0' .. shape.q, 'cn\0' .. shape.c, 'cc\0' .. shape.q .. ':' .. shape.c}) do
            sums[field .. ':' .. state] = (sums[field .. ':' .. state] or 0) + shape.count
        end
        local sample = text - text % 60000000
        sample = string.format('%.0f', sample) .. ':' .. shape.q .. ':' .. shape.c
        samples[sample] = (samples[sample] or 0) + shape.count
        local labels = {'a', 'q' .. shape.q, 'c' .. shape.c, 's' .. state}
        if shape.header then
            for _, tag in ipairs(shape.header.t or {}) do
                labels[#labels + 1] = 't' .. tag
                call('HINCRBY', P .. 'tn', tag, shape.count)
                call('ZADD', P .. 'tg', 0, tag)
            end
            if shape.header.u then
                labels[#labels + 1] = 'u' .. shape.header.u
            end
        end
        if shape.group then
            labels[#labels + 1] = 'b' .. shape.group[1]
        end
        shape.labels = labels
        if state == '1' then
            woken[shape.queue] = (woken[shape.queue] or 0) + shape.count
            call('ZADD', P .. 'b:' .. shape.q, shape.priority, shape.priority)
            call('SADD', P .. 'bq', shape.q)
        end
    end
end

local pieces_of_rows, rows = {}, {}
for index, at in ipairs(new) do
    local number = last - #new + index
    local n, job = string.format('%d', number), not alike and jobs[at]
    local shape = shapes[job and job[1] or 1]
    local id, blob = ARGV[2 * at + 1], ARGV[2 * at + 2]
    local chunk = (number - number % 512) / 512
    local far, created = #blob > NEAR, job and job[2] or -1
    if #blob ~= shape.size or #id ~= shape.long or created ~= shape.created then -- all of the record but its id is as it was before
        shape.size, shape.long, shape.created = #blob, #id, created
        shape.front = struct.pack(
            '<c1Bc0I4c0dB', shape.state, shape.bits + (far and FAR or 0), shape.limits, #blob, shape.times, created, #id
        )
    end
    if chunk ~= rows.chunk then
        rows = {chunk = chunk, records = {}, blobs = {}}
        pieces_of_rows[#pieces_of_rows + 1] = rows
    end
    local records, blobs = rows.records, rows.blobs
    local next_one = #records + 1
    records[next_one], records[next_one + 1] = n, shape.front .. id .. shape.body
    if far then
        call('SET', P .. 'P:' .. n, blob)
    else
        next_one = #blobs + 1
        blobs[next_one], blobs[next_one + 1] = n, blob
    end
    local ids = buckets[at].new
    next_one = #ids + 1
    ids[next_one], ids[next_one + 1] = id, n
    local pieces = shape.pieces
    if not pieces or pieces.chunk ~= chunk then
        pieces = {chunk = chunk}
        shape.pieces = pieces
        local whole = {} -- one list will do for all labels where there is one shape
        for place, label in ipairs(shape.labels) do
            local key = P .. 'n:' .. label .. ':' .. chunk
            sets[key] = sets[key] or #shapes == 1 and whole or {}
            pieces[#shapes == 1 and 1 or place] = sets[key]
        end
        if shape.group then
            local id = shape.group[1]
            local key = P .. 'gm:' .. id .. ':' .. chunk
            sets[key] = sets[key] or #shapes == 1 and whole or {}
            pieces[#shapes == 1 and 1 or #pieces + 1] = sets[key]
            call('ZADD', P .. 'gp:' .. id, chunk, chunk)
            call('HSETNX', P .. 'G:' .. id, 'lo', chunk)
            call('HSET', P .. 'G:' .. id, 'hi', chunk, 'mv', '1')
        end
        if call('ZCOUNT', P .. 'nc', chunk, chunk) == 0 then
            call('ZADD', P .. 'nc', chunk, chunk .. ':' .. text)
        end
    end
    for _, members in ipairs(pieces) do
        members[#members + 1] = n
    end
    local waits = due
    if shape.state == '1' then
        local band = P .. 'w:' .. shape.q .. ':' .. shape.priority
        bands[band] = bands[band] or {}
        waits = bands[band]
        if shape.kept.d then
            call('ZADD', P .. 'y:' .. shape.q, now, n)
        end
    end
    next_one = #waits + 1
    waits[next_one], waits[next_one + 1] = shape.score, string.char(64 + #n) .. n
end

-- By key. A piece has 512 numbers, which unpack can hand over at once.
for _, one in ipairs(pieces_of_rows) do
    call('HSET', P .. 'j:' .. one.chunk, unpack(one.records))
    if #one.blobs > 0 then
        call('HSET', P .. 'p:' .. one.chunk, unpack(one.blobs))
    end
end
for key, those in pairs(asked) do
    if #those.new > 0 then
        call('HSET', key, unpack(those.new))
    end
end
for key, members in pairs(sets) do
    call('SADD', key, unpack(members))
end
for band, members in pairs(bands) do
    call('ZADD', band, unpack(members))
end
local sooner = false
if #due > 0 then
    local soonest = call('ZRANGE', P .. 'due', 0, 0)[1]
    call('ZADD', P .. 'due', unpack(due))
    sooner = soonest ~= call('ZRANGE', P .. 'due', 0, 0)[1]
end
for _, group in ipairs(groups) do
    local id = group.id
    if group.count > 0 then
        call('HINCRBY', P .. 'G:' .. id, 't', group.count)
    end
    if group.sealed then
        call('HSET', P .. 'G:' .. id, 's', '2')
        call('ZREM', P .. 'gs:1', id)
        call('ZREM', P .. 'gu', id)
        call('ZADD', P .. 'gs:2', group.n, id)
    elseif group.state == '1' and group.count > 0 then
        call('ZADD', P .. 'gu', text, id)
    end
    local around = group.state == '1' and group.parent -- none of those has been left
    while around do
        local kept = call('HMGET', P .. 'G:' .. around, 's', 'p')
        if kept[1] == '1' then call('ZADD', P .. 'gu', text, around) end
        around = kept[1] == '1' and kept[2]
    end
end
for field, times in pairs(sums) do
    call('HINCRBY', P .. field:sub(1, 2), field:sub(4), times)
end
for sample, times in pairs(samples) do
    call('HINCRBY', P .. 'm:' .. sample, 'p', times)
    call('ZADD', P .. 'mi', sample:match('^%d+'), sample)
end

-- Whoever waits for these queues, as parts/wakes.lua does: as many as jobs came; one where a job is due earlier than others.
if sooner then
    for _, shape in ipairs(shapes) do
        if shape.count and shape.state == '3' then
            woken[shape.queue] = math.max(woken[shape.queue] or 0, 1)
        end
    end
end
for name, many in pairs(woken) do
    many = math.min(many, 8)
    for _, key in ipairs({P .. 'W:' .. name, P .. 'W:*'}) do
        local waiter = many > 0 and call('ZPOPMIN', key)[1]
        while waiter do
            if call('DEL', P .. 'W!' .. waiter) == 1 then
                call('RPUSH', P .. 'W=' .. waiter, '1')
                call('PEXPIRE', P .. 'W=' .. waiter, 60000)
                many = many - 1
            end
            waiter = many > 0 and call('ZPOPMIN', key)[1]
        end
    end
end
return {#new == total and {} or statuses}
