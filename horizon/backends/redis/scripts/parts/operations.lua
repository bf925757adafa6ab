-- Bulk acts: op:<id> holds one, with its place in the list of pushes; opr those that run, opl all of them, by number.
local ACTED, LEFT, EXAMPLES = 100, 20, 3 -- as in guarding.py

-- Whether an operation still runs and nobody has carried it on from this place.
local function stands_at(id, position)
    local kept = call('HMGET', P .. 'op:' .. id, 'state', 'position')
    return kept[1] == 'running' and kept[2] == tostring(position)
end

-- What it knows of its jobs, with those that it has done now, or left alone: of the first ones the ids, and of all that are watched.
local function traced(key, watched, done, skipped, reasons)
    local text = call('HGET', key, 'trace')
    local trace = text and text ~= '' and cjson.decode(text) or {}
    local acted, watch, left, kinds = trace.acted or {}, trace.watch or {}, trace.left or {}, 0
    for _, id in ipairs(done) do
        if #acted < ACTED then acted[#acted + 1] = as_text(id) end
        if watched then watch[#watch + 1] = as_text(id) end
    end
    for _ in pairs(left) do kinds = kinds + 1 end
    for at, reason in ipairs(reasons) do
        if not left[reason] and kinds < LEFT then
            left[reason], kinds = {}, kinds + 1
        end
        local ids = left[reason]
        if ids and #ids < EXAMPLES then ids[#ids + 1] = as_text(skipped[at]) end
    end
    trace.acted, trace.watch, trace.left = acted, watch, left
    call('HSET', key, 'trace', cjson.encode(trace))
end

local function carry_on(step, done, skipped, reasons)
    local id, _, position, all, paid, watched = unpack(step)
    local key = P .. 'op:' .. id
    call('HINCRBY', key, 'done', #done)
    if #done + #skipped > 0 then
        traced(key, watched, done, skipped, reasons)
    end
    call('HINCRBY', key, 'skipped', #reasons)
    call('HSET', key, 'position', position, 'paid', digits(paid))
    local counted = cjson.decode(call('HGET', key, 'reasons'))
    for _, reason in ipairs(reasons) do
        counted[reason] = (counted[reason] or 0) + 1
    end
    if next(counted) then
        call('HSET', key, 'reasons', cjson.encode(counted))
    end
    if all then
        call('HSET', key, 'state', 'done', 'finished', NOW)
        call('ZREM', P .. 'opr', id)
    end
    call('INCR', P .. 'v')
end
