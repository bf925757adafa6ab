-- trim: remove ended jobs whose time is over.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: limit; kept: {state: how long} of completed, failed and cancelled; most: how many completed jobs; undo: how
--          long forgotten ones; look: how many may be looked at
-- returns  how many went
--include base layout packed freely bag common record places samples gates remove slots shed
local act = cjson.decode(ARGV[2])
local left, looks = act.limit, act.look

local function is_empty(kind, chunk)
    return call('EXISTS', P .. kind .. ':a:' .. chunk) == 0
end

local PART = 100 -- records read together

-- The next numbers of push of a piece, and their records.
local function some_of(places, first, slots)
    local ns = {}
    for at = first, math.min(first + PART - 1, #places) do
        ns[#ns + 1] = slot(slots, places[at])
    end
    return ns, from_pieces('j:', ns)
end

-- Walk a list of ends from its oldest piece, for as long as something there is over or too much.
local function walk(kind, keep_for, surplus)
    local at = 0
    while left > 0 and looks > 0 do
        local entry = call('ZRANGE', P .. kind .. 'c', at, at)[1]
        if not entry then
            return
        end
        local chunk = entry:match('^%d+')
        local last = call('ZRANGE', P .. kind .. 'c', -1, -1)[1] == entry
        if is_empty(kind, chunk) and not last then
            call('ZREM', P .. kind .. 'c', entry)
            call('UNLINK', P .. kind .. ':' .. chunk, P .. kind .. ':K:' .. chunk)
        else
            local places, slots = places_of(kind, chunk)
            local ns, texts
            for index = 1, #places do
                local part = (index - 1) % PART + 1
                if part == 1 then
                    ns, texts = some_of(places, index, slots)
                end
                local n = ns[part]
                local r = trimmed(n, texts[part])
                looks = looks - 1
                if num(r.F) + keep_for > NOW and surplus <= 0 then
                    return
                end
                if not r.hd and may_go(n, r) then
                    if kind ~= 'f6' or not shed_one(r) then
                        remove(n)
                    end
                    surplus, left = surplus - 1, left - 1
                end
                if left <= 0 or looks <= 0 then
                    return
                end
            end
            at = at + 1
            looks = looks - 1
        end
    end
end

local function completed()
    local flat, count = call('HGETALL', P .. 'cq'), 0
    for at = 1, #flat, 2 do
        if flat[at]:sub(-2) == ':' .. COMPLETED then
            count = count + num(flat[at + 1])
        end
    end
    return count
end

for _, member in ipairs(call('ZRANGEBYSCORE', P .. 'hid', '-inf', NOW - act.undo, 'LIMIT', 0, left)) do
    local n = member:sub(2)
    local r = load(n)
    if left > 0 and r and may_go(n, r) then
        remove(n)
        left = left - 1
    end
end
walk('f6', act.kept['6'], completed() - act.most)
walk('f7', act.kept['7'], 0)
walk('f8', act.kept['8'], 0)
walk('F8', act.kept['8'], 0) -- what was not needed; forgotten ones are passed over
write_shed()
write()
forget_labels()
forget_tombstones()
drop_pieces()
return act.limit - left
