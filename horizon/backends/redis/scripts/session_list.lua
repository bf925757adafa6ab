-- session_list: living sessions, and those that ended since a time.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: kind or false, since or false
-- returns  {time, rows}; a row is {id, info, report, started, renewed, expires, ended or nil}, the oldest first
--include base
local ask, rows = cjson.decode(ARGV[2]), {}
local ids = call('ZRANGE', P .. 'sl', 0, 9999)
if ask.since then
    for _, id in ipairs(call('ZRANGEBYSCORE', P .. 'se', ask.since, '+inf', 'LIMIT', 0, 10000)) do
        ids[#ids + 1] = id
    end
end
for _, id in ipairs(ids) do
    local kept = call('HMGET', P .. 's:' .. id, 'info', 'report', 'started', 'renewed', 'expires', 'ended', 'kind')
    if kept[1] and (not ask.kind or kept[7] == ask.kind) then
        rows[#rows + 1] = {id, kept[1], kept[2], kept[3], kept[4], kept[5], kept[6]}
    end
end
table.sort(rows, function(a, b)
    if a[4] == b[4] then return a[1] < b[1] end
    return num(a[4]) < num(b[4])
end)
return {NOW, rows}
