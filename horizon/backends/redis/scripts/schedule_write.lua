-- schedule_write: write schedules where nobody was faster. S holds them as JSON by name, Sv their versions, Sd the names of
-- those that are awake by when they are due, Sr:<name> the history of each, newest first.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: kept: lines of history; changes: of each name; version; document, or false to remove it; next: when it is due,
--          or false; runs: lines to add; audit or false
-- returns  for each change 1; 0 where its version is not the stored one, and nothing of it was written
--include base freely audit
local ask = cjson.decode(ARGV[2])

local function write(change)
    local name, history = change.name, P .. 'Sr:' .. change.name
    if num(call('HGET', P .. 'Sv', name) or 0) ~= change.version then
        return 0
    end
    if change.document then
        call('HSET', P .. 'S', name, change.document)
        call('HSET', P .. 'Sv', name, change.version + 1)
    else
        call('HDEL', P .. 'S', name)
        call('HDEL', P .. 'Sv', name)
        call('DEL', history)
    end
    if change.next then
        call('ZADD', P .. 'Sd', change.next, name)
    else
        call('ZREM', P .. 'Sd', name)
    end
    for _, run in ipairs(change.runs) do
        call('LPUSH', history, run)
    end
    call('LTRIM', history, 0, ask.kept - 1)
    keep(change.audit)
    call('INCR', P .. 'v')
    return 1
end

local done = {}
for place, change in ipairs(ask.changes) do
    done[place] = write(change)
end
return done
