-- Whose turn it is where keys take turns: fq:<queue>:<priority> holds the place of each waiting job behind its key, parked ones
-- among them, so that the last one of a key is found by one step. What an act has found out it carries along: what it writes is
-- not to be read before its end.
local heads, lasts = {}, {}

-- Bytes that begin with the same key sort together; the length before it tells one key from another that begins like it.
local function turn_of(r, place)
    return struct.pack('>I2', #r.fk) .. r.fk .. (place and ('%016.0f'):format(place) .. ordered(r.number) or '')
end

-- A turn behind the last waiting job of its key, and not before the first that waits at all.
local function fair_place(r, entry)
    local band = r.q .. ':' .. r.r
    local mine = turn_of(r)
    local turn = band .. ':' .. mine
    if heads[band] == nil then
        heads[band] = num(call('ZRANGE', P .. 'w:' .. band, 0, 0, 'WITHSCORES')[2] or '') or false
    end
    if lasts[turn] == nil then
        local last = call('ZREVRANGEBYLEX', P .. 'fq:' .. band, '[' .. mine .. '\255', '[' .. mine, 'LIMIT', 0, 1)[1]
        lasts[turn] = last and num(last:sub(#mine + 1, #mine + 16)) or false
    end
    local head, last = heads[band], lasts[turn]
    local place = head or entry
    if last then
        place = math.max(place, last + floor(1000000 / math.max(num(r.fs or 1), 1)))
    end
    heads[band], lasts[turn] = head or place, place
    return math.min(place, 9007199254740991)
end
