-- lock: take, prolong, give up or read a named lease.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: verb: acquire, renew, release, read; name; holder; term; ttl
-- returns  {holder, term, expires}, or nothing where it is not ours (free, for read)
--include base freely
local ask = cjson.decode(ARGV[2])
local key = P .. 'lock:' .. ask.name
local kept = call('HMGET', key, 'holder', 'term', 'expires')
local held = kept[3] and num(kept[3]) > NOW

local function keep(holder, term, expires)
    call('HSET', key, 'holder', holder, 'term', term, 'expires', expires)
    call('PEXPIRE', key, floor(math.max(0, expires - NOW) / 1000) + 86400000) -- FORGOTTEN of retention.py
    return {holder, term, expires}
end

if ask.verb == 'read' then
    return held and {kept[1], num(kept[2]), num(kept[3])} or {}
elseif ask.verb == 'acquire' then
    if held and kept[1] ~= ask.holder then
        return {}
    end
    return keep(ask.holder, num(kept[2] or 0) + (held and 0 or 1), NOW + ask.ttl)
elseif not held or kept[1] ~= ask.holder or num(kept[2]) ~= ask.term then
    return {}
end
return keep(ask.holder, ask.term, ask.verb == 'renew' and NOW + ask.ttl or NOW)
