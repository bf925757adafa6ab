-- group_results: results of members of a group, in the order in which they were pushed.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: id; piece: where to begin, or false; limit; pieces: how many may be looked at
-- returns  {{id, result} of each, piece to go on with or nil where that was all}
--include base layout packed
local ask, found = cjson.decode(ARGV[2]), {}
local bounds = call('HMGET', P .. 'G:' .. ask.id, 'lo', 'hi')
if not bounds[1] then
    return {found, false}
end
local first, last = ask.piece or num(bounds[1]), num(bounds[2])

local function completed_in(chunk)
    local ns = {}
    for _, order in ipairs({'n:', 'N:'}) do
        for _, n in ipairs(call('SINTER', P .. order .. 'b' .. ask.id .. ':' .. chunk, P .. order .. 's' .. COMPLETED .. ':' .. chunk)) do
            ns[#ns + 1] = n
        end
    end
    table.sort(ns, function(a, b) return num(a) < num(b) end)
    return ns
end

for chunk = first, math.min(last, first + ask.pieces - 1) do
    for _, n in ipairs(completed_in(chunk)) do
        local result = call('GET', P .. 'o:' .. n)
        if result then
            found[#found + 1] = {fields(n).i, result}
            if #found == ask.limit then
                return {found, false}
            end
        end
    end
end
return {found, first + ask.pieces <= last and first + ask.pieces or false}
