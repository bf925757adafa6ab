-- Bulk acts: op:<id> holds one, with its place in the list of pushes; opr those that run, opl all of them, by number.

-- Whether an operation still runs and nobody has carried it on from this place.
local function stands_at(id, position)
    local kept = call('HMGET', P .. 'op:' .. id, 'state', 'position')
    return kept[1] == 'running' and kept[2] == tostring(position)
end

local function carry_on(step, done, reasons)
    local id, _, position, all, paid = unpack(step)
    local key = P .. 'op:' .. id
    call('HINCRBY', key, 'done', done)
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
