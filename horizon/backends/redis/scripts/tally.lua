-- tally: how many failed jobs stand with each of some causes, counted piece by piece, the latest first.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: causes; from: the piece to begin with, -1 for the last; pieces: how many may be looked at; looks: how many sets
--          may be, of pieces that are not counted (see parts/slots.lua)
-- returns  {a row for each cause: how many jobs, the latest and the oldest piece with any or nil; pieces looked at; piece to go on
--          with, or nil where that was all}
--include base layout packed pieces slots
local ask, rows = cjson.decode(ARGV[2]), {}
for at = 1, #ask.causes do
    rows[at] = {0, false, false}
end
local first, last = bounds_of({'f7'}, false, false)
if not first then
    return {rows, 0, false}
end

local function counts_in(chunk)
    local counts = call('HMGET', P .. 'f7:K:' .. chunk, ALL, unpack(ask.causes))
    if not knows_causes(chunk, counts[1]) then
        for at, cause in ipairs(ask.causes) do
            counts[at + 1] = call('SCARD', P .. 'f7:k' .. cause .. ':' .. chunk)
        end
        ask.looks = ask.looks - #ask.causes
    end
    return counts
end

local chunk, looked = ask.from < 0 and last or ask.from, 0
while chunk >= first and looked < ask.pieces and ask.looks > 0 do
    local counts = counts_in(chunk)
    for at, row in ipairs(rows) do
        local here = num(counts[at + 1] or 0)
        if here > 0 then
            row[1], row[2], row[3] = row[1] + here, row[2] or chunk, chunk
        end
    end
    chunk, looked = chunk - 1, looked + 1
end
return {rows, looked, chunk >= first and chunk or false}
