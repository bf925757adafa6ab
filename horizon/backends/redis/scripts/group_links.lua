-- group_links: what jobs wait or waited for, with the conditions.
--
-- KEYS[1]   the connection's prefix
-- ARGV[1]   the time, or empty
-- ARGV[2]   JSON: an empty list
-- ARGV[3..] ids
-- returns   for each {which job counted from 0, id of a job or a group, condition, 1 met, 0 shut, nil where that is not decided}
--include base layout packed record show
local found = {}

-- Id and state of what is waited for; nothing where it is not kept any more.
local function parent_of(key)
    if key:byte(1) == 103 then
        local state = call('HGET', P .. 'G:' .. key:sub(2), 's')
        return state and id_of(key), state
    end
    local r = fields(key)
    return r and r.i, r and r.s
end

for at = 3, #ARGV do
    local n = numbered(ARGV[at])
    local flat = n and call('HGETALL', P .. 'e:' .. n) or {}
    for index = 1, #flat, 2 do
        local id, state = parent_of(flat[index])
        for on, met in (id and flat[index + 1] or ''):gmatch('(.)(.)') do
            found[#found + 1] = {at - 3, id, num(on), met == '1' and 1 or ended(state) and 0 or false}
        end
    end
end
return found
