-- Dropping completed jobs that have nothing special about them: what `remove` and `write` do, with a command per group.
local shed = {places = {}, counts = {}, ids = {}, many = 0}

local function from_piece(key, bit)
    local bits = within(shed.places, key)
    bits[#bits + 1] = bit
end

local function from_both(label, chunk, bit, fchunk, fbit)
    from_piece(P .. 'n:' .. label .. ':' .. chunk, bit)
    from_piece(P .. 'f6:' .. label .. ':' .. fchunk, fbit)
end

-- False, and nothing done, for a job that needs more than that.
local function shed_one(n)
    local key = P .. 'j:' .. n
    local kept = call('HMGET', key, 'sp', 'we', 'u', 'hd', 'nd', 'i', 'q', 'c', 'f', 'g', 'h')
    if kept[1] or kept[2] or kept[3] or kept[4] or kept[5] then
        return false
    end
    local number, place = num(n), num(kept[9])
    local bit, fbit = tostring(number % SPAN), tostring(place % SPAN)
    local chunk, fchunk = (number - number % SPAN) / SPAN, (place - place % SPAN) / SPAN
    from_both('a', chunk, bit, fchunk, fbit)
    from_both('q' .. kept[7], chunk, bit, fchunk, fbit)
    from_both('c' .. kept[8], chunk, bit, fchunk, fbit)
    from_piece(P .. 'n:s6:' .. chunk, bit)
    hdrop(P .. 'f6:' .. fchunk, fbit)
    if kept[10] then
        for _, label in ipairs(labels({number = n, g = kept[10], h = num(kept[11])})) do
            from_both(label, chunk, bit, fchunk, fbit)
            if label:sub(1, 1) == 't' then
                add(P .. 'tn', label:sub(2), -1)
                spoilt[label:sub(2)] = true
            end
        end
    end
    local both = kept[7] .. ':' .. kept[8]
    shed.counts[both] = (shed.counts[both] or 0) + 1
    hput(bucket(kept[6]), kept[6], '-' .. digits(NOW + TOMBSTONE))
    append(P .. 'to', kept[6])
    doom(key)
    doom(P .. 'p:' .. n)
    shed.many = shed.many + 1
    return true
end

-- Before `write`, which empties the bag.
local function write_shed()
    if shed.many == 0 then
        return
    end
    for key, bits in pairs(shed.places) do
        in_parts('SREM', key, bits)
    end
    for both, times in pairs(shed.counts) do
        local q, c = both:match('^(%d+):(%d+)$')
        add(P .. 'cq', q .. ':' .. COMPLETED, -times)
        add(P .. 'cn', c .. ':' .. COMPLETED, -times)
        add(P .. 'cc', both .. ':' .. COMPLETED, -times)
    end
    call('INCR', P .. 'v')
end
