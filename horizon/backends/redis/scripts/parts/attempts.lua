-- The end of one attempt: whether it may still speak, what becomes of the job, what is remembered of it.
--
-- An outcome comes as a row: {n, word, kind, delay, started_after, runtime, memory, bits, said, reason, type, message,
-- cause, failure, result, logs, dropped, effects}. bits: 1 started, 2 suspect, 4 follow-up wanted, 8 charge a crash. `failure` is
-- the whole error as JSON, `result` the index of its bytes in ARGV, `logs` lines of JSON, `effects` names, each with the index of
-- its value's bytes or false.
local SAYS = {'completed', 'retry', 'failed', 'released', 'returned', 'cancelled'}
local quoted = cjson.encode

local function outcome_of_row(row)
    local bits = row[8]
    return {
        kind = row[3], delay = row[4], started_after = row[5], runtime = row[6], memory = row[7] or nil,
        started = bits % 2 >= 1, suspect = bits % 4 >= 2, follow_up = bits % 8 >= 4, charge = bits >= 8,
        said = row[9], reason = row[10] or nil, type = row[11] or nil, message = row[12] or nil, cause = row[13] or nil,
        failure = row[14] or nil, result = row[15] or nil, logs = row[16] or nil, dropped = row[17] or 0,
    }
end

local function holds(r, word)
    return r and r.s == PROCESSING and r.k == word
end

-- Where the job goes: a pure function of what was said and what was asked of it.
local function decide(r, o, crashes)
    local error = o.type and {type = o.type, message = o.message, cause = o.cause} or nil
    if o.kind == 1 then
        return {state = COMPLETED}
    elseif o.kind == 3 then
        return {state = FAILED, reason = o.reason, error = error}
    elseif o.kind == 6 then
        return {state = CANCELLED, reason = o.reason, error = error}
    elseif r.Y then
        return {state = CANCELLED, reason = r.Y, error = error}
    elseif o.charge and crashes >= num(r.X or LIMITS.crashes) then
        local reason = 'the worker died ' .. crashes .. ' times running it'
        return {state = FAILED, reason = reason, error = error or {type = 'JobCrashed', message = reason, cause = 'JobCrashed'}}
    elseif o.delay <= 0 then
        return {state = PENDING, keep = o.kind == 5, reason = o.reason, error = error}
    end
    return {state = o.kind == 2 and RETRYING or SCHEDULED, at = NOW + o.delay, reason = o.reason, error = error}
end

local function word_of(o, goes)
    if o.charge or o.suspect then
        return 'crashed'
    elseif goes.state == CANCELLED then
        return 'cancelled'
    elseif o.kind == 5 and o.reason == 'interrupted' then
        return 'interrupted'
    end
    return SAYS[o.kind]
end

local function shown(value)
    return value and quoted(tostring(value)) or 'null'
end

-- One attempt as JSON, as read.py reads it: number, round, started, finished, worker, outcome, reason, failure, memory,
-- delay, logs, dropped.
local function attempt_text(r, o, goes, started, logs, dropped)
    return '[' .. table.concat({
        r.n, r.R or 0, digits(started), digits(NOW), shown(worker_of(r)), shown(word_of(o, goes)), shown(goes.reason),
        o.failure or 'null', o.memory and digits(o.memory) or 'null',
        o.delay > 0 and not ended(goes.state) and digits(o.delay) or 'null', '[' .. table.concat(logs, ',') .. ']', dropped,
    }, ',') .. ']'
end

-- The newest lines, and how many older ones had to go.
local function lines_of(r, o)
    local lines = r.l and call('LRANGE', P .. 'l:' .. r.number, 0, -1) or {}
    for _, line in ipairs(o.logs or {}) do
        lines[#lines + 1] = line
    end
    local over = math.max(0, #lines - LIMITS.lines)
    if over == 0 then
        return lines, 0
    end
    local kept = {}
    for at = over + 1, #lines do
        kept[#kept + 1] = lines[at]
    end
    return kept, over
end

-- Write the attempt into the history; one handed back before it began leaves no trace, and one that simply worked is
-- told by the record itself.
local function remember(r, o, goes)
    local began = num(r.b) or NOW
    if o.kind == 5 and not o.started then
        set(r, 'n', num(r.n) - 1)
        r.unbegun = began -- so that its limits get back what it took
        return
    end
    local started = began + o.started_after
    if goes.state == COMPLETED and not r.l and not o.logs and o.dropped == 0 then
        set(r, 'L', '1')
    else
        local lines, over = lines_of(r, o)
        append(P .. 'a:' .. r.number, attempt_text(r, o, goes, started, lines, num(r.ld or 0) + over + o.dropped))
        set(r, 'u', '1')
        unset(r, 'L')
    end
    local worker = worker_of(r)
    if worker then set(r, 'W', worker) else unset(r, 'W') end
    set(r, 'B', started)
    set(r, 'D', math.max(0, started - num(r.a)))
    set(r, 'T', o.runtime)
    if o.memory then set(r, 'M', o.memory) else unset(r, 'M') end
end

-- What the record itself says about its last attempt. Only an attempt that ended by itself clears a suspicion.
local function note_end(r, o, goes)
    if o.suspect then
        set(r, 'S', '1')
    elseif o.kind ~= 5 then
        unset(r, 'S')
    end
    if goes.state == COMPLETED and o.result then
        call('SET', P .. 'o:' .. r.number, ARGV[o.result])
        set(r, 'v', '1')
    elseif r.v then
        doom(P .. 'o:' .. r.number)
        unset(r, 'v')
    end
    if goes.state == COMPLETED then
        if r.E then
            doom(P .. 'x:' .. r.number)
            unset(r, 'E')
        end
    elseif goes.error then
        call('SET', P .. 'x:' .. r.number, quoted({goes.error.type, goes.error.message}))
        set(r, 'E', goes.error.cause)
    end
    if r.l then
        doom(P .. 'l:' .. r.number)
    end
    unset(r, 'l', 'ld')
end

local function hexed(text)
    return (text:gsub('..', function(pair) return string.char(num(pair, 16)) end))
end

-- An id that follows from another one (UUIDv5), as `core.ids.derived` makes it.
local function derived(id, label)
    local bytes = hexed(redis.sha1hex(id .. label):sub(1, 32))
    local seventh, ninth = bytes:byte(7), bytes:byte(9)
    return bytes:sub(1, 6) .. string.char(0x50 + seventh % 16) .. bytes:sub(8, 8) .. string.char(0x80 + ninth % 64) .. bytes:sub(10)
end

-- `failed()` could not be called, since its process was killed: a job of its own calls it.
local function push_follow_up(r)
    local id = derived(r.i, 'failed:' .. (r.R or '0'))
    if numbered(id) then
        return
    end
    local of = header(r)
    local name = LIMITS.follow_up
    local head = {n = name, v = 1, u = of.u, T = of.T, V = of.V}
    local text = quoted(head)
    local payload = '{"args": {"job_id": ' .. quoted(as_text(r.i)) .. ', "round": ' .. (r.R or '0') .. '}}'
    local queue_name = call('LINDEX', P .. 'ql', num(own(r)) - 1)
    local n = digits(call('INCR', P .. 'n'))
    local kept = {g = of.u and '1' or nil, fk = r.fk, fs = r.fs}
    create(new_record(n, id, {header = head, queue = queue_name, name = name, length = #text, kept = kept}, nil, text .. payload))
end

-- Everything that one attempt's end changes, for an attempt known to hold its job.
local function end_attempt(r, o)
    if o.kind == 5 then
        set(r, 't', num(r.t) - 1)
    end
    local crashes = num(r.x or 0)
    if o.charge then
        crashes = crashes + 1
        set(r, 'x', crashes)
    end
    local goes = decide(r, o, crashes)
    remember(r, o, goes)
    count_attempt(r, o, goes.state)
    note_end(r, o, goes)
    if ended(goes.state) then
        finish(r, goes.state, goes.reason)
    else
        if goes.reason then set(r, 'y', goes.reason) else unset(r, 'y') end
        move(r, goes.state, goes.at, goes.keep)
    end
    if goes.state == FAILED and o.follow_up and r.H then
        push_follow_up(r)
    end
end

-- What took place in an attempt: ef holds it by name, et the names by time. Of several of one name the first stands.
local function keep_effects(r, effects)
    local head = digits(NOW) .. '|' .. as_text(r.i) .. '|'
    for at = 1, #effects, 2 do
        local value = effects[at + 1]
        if call('HSETNX', P .. 'ef', effects[at], head .. (value and '+' .. ARGV[value] or '-')) == 1 then
            call('ZADD', P .. 'et', NOW, effects[at])
        end
    end
end

local function settle(row)
    local r = load(tostring(row[1]))
    if not holds(r, row[2]) then
        return r and r.z == row[9] .. row[2] and DUP or LOST
    end
    end_attempt(r, outcome_of_row(row))
    if row[18] then
        keep_effects(r, row[18])
    end
    set(r, 'z', row[9] .. row[2])
    return OK
end
