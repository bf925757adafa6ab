-- group_waits: jobs that wait or waited for a group, or what a job waits or waited for.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: id: of a group, or false; after: number behind which to begin; limit
-- ARGV[3]  where there is no group, the id of a job
-- returns  of a group raw records in order; of a job {ids of jobs it waits or waited for, ids of groups}, each in order
--include base layout packed record show
local ask, found = cjson.decode(ARGV[2]), {}
if ask.id then
    for _, n in ipairs(call('ZRANGEBYSCORE', P .. 'd:g' .. ask.id, '(' .. ask.after, '+inf', 'LIMIT', 0, ask.limit)) do
        found[#found + 1] = raw(n) or nil
    end
    return found
end
local n = numbered(ARGV[3])
local jobs, groups, order = {}, {}, {}
for _, parent in ipairs(n and call('HKEYS', P .. 'e:' .. n) or {}) do
    if parent:byte(1) ~= 103 then
        jobs[#jobs + 1] = parent
    elseif call('EXISTS', P .. 'G:' .. parent:sub(2)) == 1 then
        groups[#groups + 1] = parent:sub(2)
        order[parent:sub(2)] = num(call('HGET', P .. 'G:' .. parent:sub(2), 'n'))
    end
end
table.sort(jobs, function(a, b) return num(a) < num(b) end)
table.sort(groups, function(a, b) return order[a] < order[b] end)
for _, parent in ipairs(jobs) do
    found[#found + 1] = #found < ask.limit and id_of(parent) or nil
end
for at = ask.limit + 1, #groups do
    groups[at] = nil
end
return {found, groups}
