-- find: some rows of a list, by walking the pieces of its indexes.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: orders: the lists to walk, merged: 'n' or 'N' (pushes), 'f<state>' or 'F<state>' (ends), 'N' and 'F' being
--          what is kept out of sight; fields: rows of index labels, one of each row must fit; from: number to begin at, or
--          false; up: towards greater numbers; limit; pieces: how many may be looked at; after, before: bounds of time or
--          false, of `time`, the letter of that field; payload: whether it is wanted; bare: numbers only;
--          sieve: see there, or absent; looks: with a sieve, how many rows may be looked at
-- returns  {rows, number to go on from or nil where there is no more, classes known}; a row is {number in the order, raw
--          record}, or with `bare` {number in the order, n, state, runs, round}. With a sieve two more: how many rows were
--          looked at, and the time of the last of them
--include base layout packed record show pieces slots
local ask = cjson.decode(ARGV[2])
--include sieve
local up, order, step = ask.up, ask.orders[1], ask.up and 1 or -1
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

-- What a piece holds of all orders, as {number, n}, in the direction of the walk; n is left out where it is the number.
local function hits(chunk)
    local found, numbers, ns = {}, {}, {}
    for _, which in ipairs(ask.orders) do
        local bits = fitting(which, chunk)
        local text = ends and #bits > 0 and call('GET', P .. which .. ':' .. chunk)
        for _, bit in ipairs(bits) do
            local number = text and chunk * SPAN + num(bit) or num(bit)
            numbers[#numbers + 1] = number
            if text then ns[number] = slot(text, bit) end
        end
    end
    table.sort(numbers)
    for at = up and 1 or #numbers, up and #numbers or 1, step do
        found[#found + 1] = {numbers[at], ns[numbers[at]]}
    end
    return found
end

-- Their records, as texts.
local function records_of(found)
    local wanted = {}
    if ends then
        for at, hit in ipairs(found) do wanted[at] = hit[2] end
        return from_pieces('j:', wanted)
    end
    local piece = floor(found[1][1] / SPAN)
    for at, hit in ipairs(found) do wanted[at] = tostring(hit[1]) end
    return call('HMGET', P .. 'j:' .. piece, unpack(wanted))
end

local function in_time(hit)
    if not ask.after and not ask.before then
        return true
    end
    local text = call('HGET', lies_in(n_of(hit)), n_of(hit))
    local at = text and (ask.time == 'P' and struct.unpack('<d', text, 39) or num(unpacked(text)[ask.time] or 0)) or 0
    return (not ask.after or at >= ask.after) and (not ask.before or at < ask.before)
end

local function row_of(hit)
    if ask.bare then
        local r = fields(n_of(hit)) or {}
        return {hit[1], n_of(hit), r.s or '', r.n or '0', r.R or '0'}
    end
    return {hit[1], (raw(n_of(hit), ask.payload))}
end

local first, last = bounds_of(ask.orders, ask.after, ask.before)
local rows = {}
if not first then
    return {rows, false, call('LLEN', P .. 'cl')}
end
local start = ask.from or (up and 0 or (last + 1) * SPAN)
local chunk = floor(start / SPAN)
if up then chunk = math.max(chunk, first) else chunk = math.min(chunk, last) end
local looked, seen, last_seen = 0, 0, nil

local function over(where)
    local at = last_seen and fields(last_seen)
    return {rows, where, call('LLEN', P .. 'cl'), sieve and seen or nil, at and at[ask.time] or nil}
end

-- Count rows as looked at: all of them, or those before one at which the page was full; the next call looks at that one again.
local function look_at(ahead, upto)
    for _, hit in ipairs(ahead) do
        if hit == upto then return end
        seen, last_seen = seen + 1, n_of(hit)
    end
end

-- The rows that fit from here on in a piece, as far as they may be looked at; and the first that may not.
local function ahead_in(chunk)
    local found = {}
    for _, hit in ipairs(hits(chunk)) do
        if (up and hit[1] >= start or not up and hit[1] <= start) and in_time(hit) then
            if #found >= (sieve and ask.looks - seen or ask.limit - #rows) then
                return found, hit
            end
            found[#found + 1] = hit
        end
    end
    return found
end

while chunk >= first and chunk <= last do
    if looked >= ask.pieces then
        return over(up and chunk * SPAN or (chunk + 1) * SPAN - 1)
    end
    looked = looked + 1
    local ahead, rest = ahead_in(chunk)
    for _, hit in ipairs(sieve and #ahead > 0 and sieve(ahead, records_of) or ahead) do
        if #rows >= ask.limit then
            look_at(ahead, hit)
            return over(hit[1])
        end
        rows[#rows + 1] = row_of(hit)
    end
    look_at(ahead)
    if rest then
        return over(rest[1])
    end
    chunk = chunk + step
end
return over(false)
