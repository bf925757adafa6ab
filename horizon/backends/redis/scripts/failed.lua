-- failed: one piece of the list of failed jobs, those that have the same to tell counted together.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: since; from: the piece to look at, -1 for the last; limit: how many may be looked at; each: length of a
--          span, or false where only causes are asked for
-- returns  {rows, how many were looked at, piece to go on with, or nil where that was all}; a row is {cause, times, newest n,
--          newest and oldest time of end, span, worker or nil, version or nil, class or nil, code of the queue}
--include base layout packed pieces slots
local ask, rows, groups, looked = cjson.decode(ARGV[2]), {}, {}, 0
local first, last = bounds_of({'f7'}, ask.since, false)
if not first then
    return {rows, 0, false}
end
local chunk = ask.from < 0 and last or ask.from

-- When a job ended, as text.
local function end_of(text)
    return text:match('"F":"?(%d+)', ID)
end

-- How many there are of each cause, where the counts of the piece tell and all of it is asked for; the rows else.
local function counted()
    local entry, all = call('ZRANGEBYSCORE', P .. 'f7c', chunk, chunk)[1], call('HGET', P .. 'f7:K:' .. chunk, ALL)
    if ask.each or not entry or began(entry) < ask.since or num(all or 0) > ask.limit or not knows_causes(chunk, all) then
        return false
    end
    local slots, counts = call('GET', P .. 'f7:' .. chunk), call('HGETALL', P .. 'f7:K:' .. chunk)
    for at = 1, #counts, 2 do
        local cause, times = counts[at], num(counts[at + 1])
        if cause ~= ALL and times > 0 then
            local low, high = ends_of('f7:k' .. cause .. ':' .. chunk)
            local newest, oldest = slot(slots, high), slot(slots, low)
            local last_at, first_at = end_of(call('HGET', lies_in(newest), newest)), end_of(call('HGET', lies_in(oldest), oldest))
            rows[#rows + 1] = {cause, times, newest, last_at, first_at, 0, false, false, false, 0}
            looked = looked + times
        end
    end
    return true
end

if counted() then
    return {rows, looked, chunk > first and chunk - 1 or false}
end
local found, ns = slots_of('f7', chunk), {}
for at = 1, #found do
    ns[at] = found[at][2]
end
local records = from_pieces('j:', ns)
local blobs = ask.each and from_pieces('p:', ns)

-- A text of a JSON object, found without taking the object apart; the second answer is whether it is spelt with escapes.
local function said(text, letter, from)
    local value = text:match('"' .. letter .. '":"([^"\\]*)"', from)
    return value or false, not value and text:find('"' .. letter .. '":', from, true) ~= nil
end

-- Cause and worker of a record that failed; the worker only where it is asked for.
local function failure_of(text)
    local cause, odd = said(text, 'E', ID)
    local worker, odder = false, false
    if ask.each then
        worker, odder = said(text, 'W', ID)
    end
    if odd or odder then
        local r = unpacked(text)
        return r.E, ask.each and r.W or false
    end
    return cause, worker
end

-- Version and class: what its header says.
local function header_of(at, text)
    local line = (blobs[at] or call('GET', P .. 'P:' .. ns[at])):sub(1, (struct.unpack('<I4', text, 31)))
    local version, odd = said(line, 'V', 1)
    local name, odder = said(line, 'n', 1)
    if odd or odder then
        line = cjson.decode(line)
        return line.V or false, line.n or false
    end
    return version, name
end

-- What it has in common with others, as one text.
local function alike(at, cause, ended, worker)
    if not ask.each then
        return cause
    end
    local span, queue = floor((num(ended) - ask.since) / ask.each), (struct.unpack('<I4', records[at], 23))
    local version, name = header_of(at, records[at])
    local key = table.concat({cause, span, worker or '', version or '', name or '', queue}, '\0')
    groups[key] = groups[key] or {cause, 0, ns[at], ended, ended, span, worker, version, name, queue}
    return key
end

-- Those of a piece lie in the order of their ends: where the oldest ended in time, all of them did.
local oldest = records[1] and records[1]:sub(-1) == 'J' and end_of(records[1])
local in_time = oldest and num(oldest) >= ask.since
local finals = {}

for at = #found, 1, -1 do
    local text = records[at]
    local cause, worker = false, false
    if text and text:sub(-1) == 'J' then
        cause, worker = failure_of(text)
    end
    local ended = cause and (ask.each or not in_time) and end_of(text)
    if cause and (in_time or num(ended) >= ask.since) and looked < ask.limit then
        looked = looked + 1
        local key = alike(at, cause, ended, worker)
        local group = groups[key]
        if not group then
            ended = ended or end_of(text)
            group = {cause, 0, ns[at], ended, ended, 0, false, false, false, 0}
            groups[key] = group
        end
        if group[2] == 0 then
            rows[#rows + 1] = group
        end
        group[2], finals[group] = group[2] + 1, text
    end
end
for _, group in ipairs(rows) do
    group[5] = end_of(finals[group])
end
return {rows, looked, chunk > first and chunk - 1 or false}
