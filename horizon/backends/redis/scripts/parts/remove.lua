-- Dropping a terminal record. Its id is remembered for a minute, so that a late resend does not bring it back: in the place
-- of its number stands when that is over, and `to` holds such ids in order.
local TOMBSTONE = 60000000
local spoilt, living = {}, {}

-- Whether this is a group that has not ended: it may want its members, and what waits for it, back.
local function lives(id)
    if living[id] == nil then
        local state = call('HGET', P .. 'G:' .. id, 's')
        living[id] = state and not ended(state) or false
    end
    return living[id]
end

-- Never what a late resend could still bring back, nor what a live job or group refers to.
local function may_go(n, r)
    if num(r.P) + TOMBSTONE > NOW or (r.gr and lives(r.gr)) then
        return false
    end
    for _, parent in ipairs(r.we and call('HKEYS', P .. 'e:' .. n) or {}) do
        if parent:byte(1) == 103 and lives(parent:sub(2)) then
            return false
        end
    end
    for _, child in ipairs(r.dp and call('ZRANGE', P .. 'd:' .. n, 0, 999) or {}) do
        local r = load(child)
        if r and not ended(r.s) then
            return false
        end
    end
    return true
end

local function drop_blob(r)
    if r.far then doom(P .. 'P:' .. r.number) else hdrop(P .. 'p:' .. piece_of(num(r.number)), r.number) end
end

local function remove(n)
    local r = load(n)
    labels(r)
    set(r, 's', r.s)
    r.gone = true
    hdrop(lies_in(n), n)
    drop_blob(r)
    free_key(r)
    hput(bucket(r.i), r.i, '-' .. digits(NOW + TOMBSTONE))
    append(P .. 'to', r.i)
    for _, wait in ipairs(waits(r)) do
        unrank(P .. 'd:' .. wait.parent, n)
    end
    for _, kind in ipairs({r.u and 'a:' or false, r.v and 'o:' or false, r.E and 'x:' or false, r.we and 'e:' or false, r.dp and 'd:' or false}) do
        if kind then doom(P .. kind .. n) end
    end
    for _, label in ipairs(r.labels or {}) do
        if label:sub(1, 1) == 't' then
            add(P .. 'tn', label:sub(2), -1)
            spoilt[label:sub(2)] = true
        end
    end
end

-- Tags that no job carries any more.
local function forget_labels()
    for tag in pairs(spoilt) do
        if num(call('HGET', P .. 'tn', tag) or 0) <= 0 then
            call('HDEL', P .. 'tn', tag)
            call('ZREM', P .. 'tg', tag)
        end
    end
end

local function forget_tombstones()
    local ids, over = call('LRANGE', P .. 'to', 0, 999), 0
    for _, id in ipairs(ids) do
        local key = bucket(id)
        local stored = call('HGET', key, id)
        if stored and stored:sub(1, 1) == '-' then
            if num(stored:sub(2)) > NOW then
                break
            end
            call('HDEL', key, id)
        end
        over = over + 1
    end
    if over > 0 then
        call('LTRIM', P .. 'to', over, -1)
    end
end

-- The oldest pieces of the list of pushes, where nothing is left of them.
local function drop_pieces()
    for _ = 1, 10 do
        local entries = call('ZRANGE', P .. 'nc', 0, 1)
        local chunk = entries[2] and entries[1]:match('^%d+')
        if not chunk or call('EXISTS', P .. 'n:a:' .. chunk, P .. 'N:a:' .. chunk) > 0 then
            return
        end
        call('ZREM', P .. 'nc', entries[1])
    end
end
