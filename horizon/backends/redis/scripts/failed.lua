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

-- Cause, end and worker of a record that failed.
local function failure_of(text)
    local cause, odd = said(text, 'E', ID)
    local worker, odder = said(text, 'W', ID)
    if odd or odder then
        local r = unpacked(text)
        return r.E, r.F, r.W or false
    end
    return cause, text:match('"F":"?(%d+)', ID), worker
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

local function group_of(at, cause, ended, worker)
    local span, version, name, queue = 0, false, false, 0
    if ask.each then
        span, queue = math.floor((num(ended) - ask.since) / ask.each), (struct.unpack('<I4', records[at], 23))
        version, name = header_of(at, records[at])
    else
        worker = false
    end
    local key = cause .. '\0' .. span .. '\0' .. tostring(worker) .. '\0' .. tostring(version) .. '\0' .. tostring(name) .. '\0' .. queue
    if not groups[key] then
        groups[key] = {cause, 0, ns[at], ended, ended, span, worker, version, name, queue}
        rows[#rows + 1] = groups[key]
    end
    return groups[key]
end

for at = #found, 1, -1 do
    local text = records[at]
    local cause, ended, worker = false, nil, nil
    if text and text:sub(-1) == 'J' then
        cause, ended, worker = failure_of(text)
    end
    if cause and num(ended) >= ask.since and looked < ask.limit then
        looked = looked + 1
        local group = group_of(at, cause, ended, worker)
        group[2], group[5] = group[2] + 1, ended
    end
end
return {rows, looked, chunk > first and chunk - 1 or false}
