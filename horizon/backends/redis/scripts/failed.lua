-- failed: one piece of the list of failed jobs, newest first, in a few words each.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: since; from: the piece to look at, -1 for the last
-- returns  {rows, piece to go on with, or nil where that was all}; a row is {n, cause, finished, worker or nil, header}
--include base pieces
local ask, rows = cjson.decode(ARGV[2]), {}
local first, last = bounds_of({'f7'}, ask.since, false)
if not first then
    return {rows, false}
end
local chunk = ask.from < 0 and last or ask.from
local flat, found = call('HGETALL', P .. 'f7:' .. chunk), {}
for at = 1, #flat, 2 do
    found[#found + 1] = {num(flat[at]), flat[at + 1]}
end
table.sort(found, function(a, b) return a[1] > b[1] end)
for _, hit in ipairs(found) do
    local kept = call('HMGET', P .. 'j:' .. hit[2], 'E', 'F', 'W', 'h')
    if kept[1] and num(kept[2]) >= ask.since then
        rows[#rows + 1] = {hit[2], kept[1], kept[2], kept[3], call('GETRANGE', P .. 'p:' .. hit[2], 0, kept[4] - 1)}
    end
end
return {rows, chunk > first and chunk - 1 or false}
