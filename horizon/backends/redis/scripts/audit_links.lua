-- audit_links: entries of the chain behind a link.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: after, limit
-- returns  numbers, entries and hashes by turns
--include base
local ask = cjson.decode(ARGV[2])
local head = num(call('HGET', P .. 'Ac', 'head') or 0)
local found, seq = {}, ask.after
while seq < head and #found < 3 * ask.limit do
    seq = seq + 1
    local entry = call('HGET', P .. 'A', seq)
    if entry then
        found[#found + 1] = seq
        found[#found + 1] = entry
        found[#found + 1] = call('HGET', P .. 'Ah', seq) or ''
    end
end
return found
