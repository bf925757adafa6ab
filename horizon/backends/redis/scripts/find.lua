-- find: some rows of a list, by walking the pieces of its indexes.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: orders: the lists to walk, merged: 'n' or 'N' (pushes), 'f<state>' or 'F<state>' (ends), 'N' and 'F' being
--          what is kept out of sight; fields: rows of index labels, one of each row must fit; from: number to begin at, or
--          false; up: towards greater numbers; limit; pieces: how many may be looked at; after, before: bounds of time or
--          false, of `time`, the letter of that field; payload: whether it is wanted; bare: numbers only
-- returns  {rows, number to go on from or nil where there is no more, classes known}; a row is {number in the order, raw
--          record}, or with `bare` {number in the order, n, state, runs, round}
--include base layout packed record show pieces slots
local ask = cjson.decode(ARGV[2])
local up, order = ask.up, ask.orders[1]
local ends = order:sub(1, 1):lower() == 'f'

-- The numbers of one piece of one order that fit every row of labels.
local function fitting(which, chunk)
    local all, either = {}, {}
    for _, row in ipairs(ask.fields) do
        local keys = {}
        for at, label in ipairs(row) do
            keys[at] = P .. which .. ':' .. label .. ':' .. chunk
        end
        if #keys == 1 then all[#all + 1] = keys[1] else either[#either + 1] = keys end
    end
    local found
    if #all > 0 then
        found = call('SINTER', unpack(all))
    elseif #either > 0 then
        found = call('SUNION', unpack(table.remove(either)))
    else
        found = call('SMEMBERS', P .. which .. ':a:' .. chunk)
    end
    for _, keys in ipairs(either) do
        local there, left = {}, {}
        if #found > 0 then
            for _, bit in ipairs(call('SUNION', unpack(keys))) do
                there[bit] = true
            end
        end
        for _, bit in ipairs(found) do
            if there[bit] then
                left[#left + 1] = bit
            end
        end
        found = left
    end
    return found
end

-- What a piece holds of all orders, as {number, n}, in the direction of the walk.
local function hits(chunk)
    local found = {}
    for _, which in ipairs(ask.orders) do
        local bits = fitting(which, chunk)
        local text = ends and #bits > 0 and call('GET', P .. which .. ':' .. chunk)
        for _, bit in ipairs(bits) do
            found[#found + 1] = text and {chunk * SPAN + num(bit), slot(text, bit)} or {num(bit), bit}
        end
    end
    table.sort(found, function(a, b)
        if up then return a[1] < b[1] end
        return a[1] > b[1]
    end)
    return found
end

local function in_time(n)
    if not ask.after and not ask.before then
        return true
    end
    local r = fields(n)
    local at = r and num(r[ask.time] or 0) or 0
    return (not ask.after or at >= ask.after) and (not ask.before or at < ask.before)
end

local function row_of(hit)
    if ask.bare then
        local r = fields(hit[2]) or {}
        return {hit[1], hit[2], r.s or '', r.n or '0', r.R or '0'}
    end
    return {hit[1], (raw(hit[2], ask.payload))}
end

local first, last = bounds_of(ask.orders, ask.after, ask.before)
local rows, step = {}, up and 1 or -1
if not first then
    return {rows, false, call('LLEN', P .. 'cl')}
end
local start = ask.from or (up and 0 or (last + 1) * SPAN)
local chunk = floor(start / SPAN)
if up then chunk = math.max(chunk, first) else chunk = math.min(chunk, last) end
local looked = 0
while chunk >= first and chunk <= last do
    if looked >= ask.pieces then
        return {rows, up and chunk * SPAN or (chunk + 1) * SPAN - 1, call('LLEN', P .. 'cl')}
    end
    looked = looked + 1
    for _, hit in ipairs(hits(chunk)) do
        local ahead = up and hit[1] >= start or not up and hit[1] <= start
        if ahead and in_time(hit[2]) then
            if #rows >= ask.limit then
                return {rows, hit[1], call('LLEN', P .. 'cl')}
            end
            rows[#rows + 1] = row_of(hit)
        end
    end
    chunk = chunk + step
end
return {rows, false, call('LLEN', P .. 'cl')}
