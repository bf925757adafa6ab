-- audit_seal: put entries into the chain, where it still ends where they follow. Ah holds hashes by number, Ac where the chain
-- ends (head, hash, at: of the last entry in it) and where it begins (anchor, anchor_hash: of the last that was trimmed).
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: head, hash: where it ended; sealed: numbers and hashes by turns
-- returns  how many, 0 where somebody was faster
--include base freely
local ask = cjson.decode(ARGV[2])
local mark = call('HMGET', P .. 'Ac', 'head', 'hash')
if mark[1] and (num(mark[1]) ~= ask.head or mark[2] ~= ask.hash) then
    return 0
end
if not mark[1] then
    call('HSET', P .. 'Ac', 'anchor', ask.head, 'anchor_hash', ask.hash)
end
for at = 1, #ask.sealed, 2 do
    call('HSET', P .. 'Ah', ask.sealed[at], ask.sealed[at + 1])
end
call('HSET', P .. 'Ac', 'head', ask.sealed[#ask.sealed - 1], 'hash', ask.sealed[#ask.sealed], 'at', digits(NOW))
return #ask.sealed / 2
