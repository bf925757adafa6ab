-- Dropping completed jobs that have nothing special about them: what `remove` and `write` do, with a command per group.
local shed = {places = {}, counts = {}, ids = {}, many = 0}

local function from_piece(key, bit)
    local bits = within(shed.places, key)
    bits[#bits + 1] = bit
end

local function from_both(label, chunk, n, fchunk, fbit)
    from_piece(P .. 'n:' .. label .. ':' .. chunk, n)
    from_piece(P .. 'f6:' .. label .. ':' .. fchunk, fbit)
end

-- What trimming asks of a job that simply worked, read from its text without taking all of it apart; of others all of it.
local function trimmed(n, text)
    if text:byte(-1) ~= 69 then
        return load(n)
    end
    local bits, size, group = text:byte(2), text:byte(ID - 1), nil
    local body = ID + size
    if bits >= GROUPED then
        group = as_text(text:sub(body + 1, body + text:byte(body)))
        body = body + 1 + text:byte(body)
    end
    local q, c, h, _, pushed = struct.unpack('<I4I4I4I4d', text, REST)
    local F, _, _, _, _, f = struct.unpack(ENDED, text, body)
    return {
        number = n, q = q, c = c, h = h, P = pushed, F = F, f = f, i = text:sub(ID, ID + size - 1), g = bits % 2 == TAGGED or nil,
        far = bits % GROUPED >= FAR or nil, plain = true, gr = group,
    }
end

-- False, and nothing done, for a job that needs more than that.
local function shed_one(r)
    if not r.plain then
        return false
    end
    local n = r.number
    local place = num(r.f)
    local fbit, chunk, fchunk = tostring(place % SPAN), piece_of(num(n)), piece_of(place)
    from_both('a', chunk, n, fchunk, fbit)
    from_both('q' .. r.q, chunk, n, fchunk, fbit)
    from_both('c' .. r.c, chunk, n, fchunk, fbit)
    from_piece(P .. 'n:s6:' .. chunk, n)
    for _, label in ipairs(labels(r) or {}) do
        from_both(label, chunk, n, fchunk, fbit)
        if label:sub(1, 1) == 't' then
            add(P .. 'tn', label:sub(2), -1)
            spoilt[label:sub(2)] = true
        end
    end
    local both = r.q .. ':' .. r.c
    shed.counts[both] = (shed.counts[both] or 0) + 1
    hput(bucket(r.i), r.i, '-' .. digits(NOW + TOMBSTONE))
    append(P .. 'to', r.i)
    hdrop(lies_in(n), n)
    drop_blob(r)
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
