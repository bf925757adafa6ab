-- The number of push of what ended: <list of ends>:<piece> is a text with 8 bytes for each place of the piece. Which places
-- are taken is told by <list>:a:<piece>; the text goes when the piece does.
local function slot(text, bit)
    return tostring((struct.unpack('<d', text, bit * 8 + 1)))
end

-- The places of one piece that are taken, in order, and its text. They nearly always come in order.
local function places_of(list, chunk)
    local places, sorted = call('SMEMBERS', P .. list .. ':a:' .. chunk), true
    for at = 1, #places do
        places[at] = num(places[at])
        sorted = sorted and (at == 1 or places[at - 1] < places[at])
    end
    if not sorted then
        table.sort(places)
    end
    return places, #places > 0 and call('GET', P .. list .. ':' .. chunk)
end

-- All of one piece, as {place, number of push}, in the order of the places.
local function slots_of(list, chunk)
    local found, text = places_of(list, chunk)
    for at, place in ipairs(found) do
        found[at] = {place, slot(text, place)}
    end
    return found
end

-- Whether f7:K:<piece>, how many of a piece failed of each cause, knows all of them: how many it counted stands there as well (ALL).
-- Of a piece that began before there were such counts, some are missing for as long as it lasts.
local function knows_causes(chunk, counted)
    return num(counted or 0) == call('SCARD', P .. 'f7:a:' .. chunk)
end

-- The first and the last place of a set of them.
local function ends_of(key)
    local low, high
    for _, bit in ipairs(call('SMEMBERS', P .. key)) do
        local place = num(bit)
        low, high = math.min(low or place, place), math.max(high or place, place)
    end
    return low, high
end
