-- account: change users and tokens: U and T hold them as JSON by name and id, out the ended sign-ins by when they are over.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: verb: add, change, remove, sign_out, used; kind: 'U' or 'T'; id; fields to set; every; until; was: the stamp it must have; audit or false.
--          A field that is `true` becomes the time
-- returns  1; 0 where nothing was changed
--include base freely audit
local ask = cjson.decode(ARGV[2])
local key = P .. ask.kind

-- The row as text, its times in sixteen digits: written anew from its parts, since a number would lose some.
local function written(row)
    local parts = {}
    for field, value in pairs(row) do
        if value == true then
            value = digits(NOW)
        end
        parts[field] = value
    end
    return cjson.encode(parts)
end

if ask.verb == 'sign_out' then
    if call('ZADD', P .. 'out', 'NX', ask['until'], ask.id) == 0 then
        return 0
    end
    keep(ask.audit)
    return 1
end
local before = call('HGET', key, ask.id)
if (ask.verb == 'add') == (before and true or false) then
    return 0
end
if ask.was and cjson.decode(before).stamp ~= ask.was then
    return 0
end
if ask.verb == 'remove' then
    call('HDEL', key, ask.id)
elseif ask.verb == 'add' then
    call('HSET', key, ask.id, written(ask.fields))
else
    local row = cjson.decode(before)
    if ask.every and row.used_at and num(row.used_at) > NOW - ask.every then
        return 0
    end
    for field, value in pairs(ask.fields) do
        row[field] = value
    end
    call('HSET', key, ask.id, written(row))
end
keep(ask.audit)
return 1
