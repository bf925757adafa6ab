-- audit_waiting: where the chain ends, and what waits to be put into it.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: limit
-- returns  {link and hash of the head, numbers and entries by turns}
--include base
local ask = cjson.decode(ARGV[2])
local mark = call('HMGET', P .. 'Ac', 'head', 'hash')
local oldest = call('ZRANGE', P .. 'At', 0, 0)[1]
local head = num(mark[1] or (oldest and num(oldest) - 1) or 0)
local found, last = {}, math.min(num(call('GET', P .. 'An') or 0), head + ask.limit)
for seq = head + 1, last do
    local entry = call('HGET', P .. 'A', seq)
    if entry then
        found[#found + 1] = seq
        found[#found + 1] = entry
    end
end
return {head, mark[2] or ('0'):rep(64), found}
