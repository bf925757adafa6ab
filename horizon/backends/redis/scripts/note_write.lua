-- note_write: write notes where nobody was faster. nt:<kind> holds them by name, as version|time|end|text; nu is the list of
-- those that end by themselves, kind and name with a NUL between them, by when.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: most: how many of a kind; changes: of each kind, name; body, or false to remove it; version it was made from, or
--          false; until: as text, or empty; audit or false
-- returns  for each change 1; 0 where nothing of it was written
--include base freely audit
local ask = cjson.decode(ARGV[2])

-- The version that stands, 0 where none does.
local function standing(key, name)
    local text = call('HGET', key, name)
    if not text then
        return 0
    end
    local version, over = text:match('^(%d+)|%d+|(%d*)|')
    if over ~= '' and num(over) <= NOW then
        return 0
    end
    return num(version)
end

-- How many of a kind stand.
local function count(kind)
    local found = call('HLEN', P .. 'nt:' .. kind)
    for _, member in ipairs(call('ZRANGEBYSCORE', P .. 'nu', '-inf', NOW)) do
        if member:sub(1, #kind + 1) == kind .. '\0' then
            found = found - 1
        end
    end
    return found
end

local function write(change)
    local key, listed = P .. 'nt:' .. change.kind, change.kind .. '\0' .. change.name
    local version = standing(key, change.name)
    if change.version and change.version ~= version then
        return 0
    end
    if version == 0 and (not change.body or count(change.kind) >= ask.most) then
        return 0
    end
    call('ZREM', P .. 'nu', listed)
    if change.body then
        call('HSET', key, change.name, (version + 1) .. '|' .. digits(NOW) .. '|' .. change['until'] .. '|' .. change.body)
        if change['until'] ~= '' then
            call('ZADD', P .. 'nu', change['until'], listed)
        end
    else
        call('HDEL', key, change.name)
    end
    keep(change.audit)
    call('INCR', P .. 'v')
    return 1
end

local done = {}
for place, change in ipairs(ask.changes) do
    done[place] = write(change)
end
return done
