-- get: one job with payload, result, history and the jobs on either side of it.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: related: how many ids on either side
-- ARGV[3]  the id
-- returns  {raw record, result or nil, attempts, log lines, ids it depends on, ids of dependants, holder of its key or nil};
--          or {0, envelope, payload, time} of the inbox; or nothing
--include base layout packed record show
local id = ARGV[3]
local n = numbered(id)
if not n then
    local kept = call('HMGET', P .. 'ib:' .. id, 'envelope', 'payload', 'at')
    return kept[1] and {0, kept[1], kept[2], kept[3]} or {}
end
local found, r = raw(n, true)
local related = cjson.decode(ARGV[2]).related
local depends, dependants = {}, {}
local parents = {}
for _, parent in ipairs(r.we and call('HKEYS', P .. 'e:' .. n) or {}) do
    parents[#parents + 1] = parent:byte(1) ~= 103 and parent or nil -- groups are no jobs
end
table.sort(parents, function(a, b) return num(a) < num(b) end)
for _, parent in ipairs(parents) do
    local its = id_of(parent)
    if its and #depends < related then
        depends[#depends + 1] = its
    end
end
for _, child in ipairs(r.dp and call('ZRANGE', P .. 'd:' .. n, 0, related - 1) or {}) do
    dependants[#dependants + 1] = id_of(child)
end
local owner = r.K and call('HGET', P .. 'u', r.K)
return {
    found, r.v and call('GET', P .. 'o:' .. n) or false, r.u and call('LRANGE', P .. 'a:' .. n, 0, -1) or {},
    r.l and call('LRANGE', P .. 'l:' .. n, 0, -1) or {}, depends, dependants, owner and owner ~= n and id_of(owner) or false,
}
