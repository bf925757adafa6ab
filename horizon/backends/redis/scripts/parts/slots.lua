-- The number of push of what ended: <list of ends>:<piece> is a text with 8 bytes for each place of the piece. Which places
-- are taken is told by <list>:a:<piece>; the text goes when the piece does.
local function slot(text, bit)
    return digits((struct.unpack('<d', text, bit * 8 + 1)))
end

-- All of one piece, as {place, number of push}, in the order of the places.
local function slots_of(list, chunk)
    local bits = call('SMEMBERS', P .. list .. ':a:' .. chunk)
    local text, found = #bits > 0 and call('GET', P .. list .. ':' .. chunk), {}
    for at, bit in ipairs(bits) do
        found[at] = {num(bit), slot(text, bit)}
    end
    table.sort(found, function(a, b) return a[1] < b[1] end)
    return found
end
