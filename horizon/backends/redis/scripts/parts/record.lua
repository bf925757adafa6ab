-- One job's record, and the only code that enters or leaves a state.
--
-- An act changes fields of a record in memory (`set`, `move`); `write` compares where each record stood with where it
-- stands and moves everything that follows from it: waiting lists, indexes, counters.
local jobs, touched = {}, {}
local the_groups, groups_met -- what the moves of members mean for their groups: see groups.lua
local the_limits, limits_met -- and those of limited jobs for others that wait: see limits.lua

local function load(n)
    local r = jobs[n]
    if r ~= nil then
        return r
    end
    r = fields(n) or false
    if r then
        r.number = n
    end
    jobs[n] = r
    return r
end

local FOOTPRINT = {'s', 'q', 'r', 'p', 'a', 'E', 'hd', 'nd', 'w', 'e', 'f', 'lw'}

local function set(r, field, value)
    if not r.old then
        local old = {}
        for index = 1, #FOOTPRINT do
            local name = FOOTPRINT[index]
            old[name] = r[name]
        end
        r.old = old
        touched[#touched + 1] = r
    end
    r[field] = value
end

local function unset(r, ...)
    for index = 1, select('#', ...) do
        local field = select(index, ...)
        if r[field] ~= nil then
            set(r, field, nil)
        end
    end
end

local function visible(r)
    return not r.hd and not r.nd
end

--include ids

local function numbered(id)
    local n = call('HGET', bucket(id), id)
    return n and n:sub(1, 1) ~= '-' and n or nil, n
end

local function header(r)
    return r.header or cjson.decode(line_of(r, r.number))
end

-- queues ----------------------------------------------------------------------------------------------

--include fair

local function place(r, entry)
    if r.fk then
        return fair_place(r, entry)
    end
    local share = num(r.fs or 1)
    local at = math.min(entry + floor(queue(r.q).patience / math.max(share, 1)), 9007199254740991)
    return r.d and share > 0 and math.min(at, num(r.d)) or at
end

-- moving ----------------------------------------------------------------------------------------------

local MOVES = {
    none = '13578', ['5'] = '138', ['3'] = '138', ['1'] = '2378', ['4'] = '148', ['2'] = '678431',
    ['7'] = '135', ['6'] = '135', ['8'] = '135',
}

local owners = {}

-- The number of the job that a unique key belongs to, or false.
local function owner_of(key)
    if owners[key] == nil then
        owners[key] = call('HGET', P .. 'u', key)
    end
    return owners[key]
end

local function free_key(r)
    if r.K and owner_of(r.K) == r.number then
        owners[r.K] = false
        hdrop(P .. 'u', r.K)
    end
    unset(r, 'Kx')
end

local function leave(r)
    if r.s == PROCESSING then
        unset(r, 'k', 'w', 'e', 'b', 'Y', 'A')
    end
end

-- A job that has failed often enough goes to the dead letters of its queue; whatever opens it again takes it back.
local function set_aside(r, to)
    local home = own(r)
    local said = queue(home)
    local due = to == FAILED and r.s and said.dead and num(r.R or 0) + 1 >= said.dead
    local code = due and said.letters or home
    if code ~= r.q then
        set(r, 'q', code)
    end
end

-- `at`: when it is due, or since when it could run; `keep`: a job that goes back unstarted keeps its place.
local function move(r, to, at, keep, needless)
    if not MOVES[r.s or 'none']:find(to, 1, true) then
        error('InvalidTransition a job that is ' .. (WORD[r.s] or 'new') .. ' cannot become ' .. WORD[to])
    end
    if r.gr then
        the_groups().count_in_group(r, to, needless)
    end
    if r.ow and ended(to) then
        the_groups().owe(r)
    end
    leave(r)
    if to == FAILED or r.s == FAILED then
        set_aside(r, to)
    end
    set(r, 's', to)
    if needless then set(r, 'nd', '1') else unset(r, 'nd') end
    unset(r, 'lw')
    if to == SCHEDULED or to == RETRYING then
        set(r, 'a', at or NOW)
    elseif to == PENDING and not keep then
        set(r, 'a', at or NOW)
        set(r, 'p', place(r, at or NOW))
    elseif ended(to) then
        set(r, 'F', NOW)
        free_key(r)
    end
end

-- Back to a wait for time, or to the queue at once where that time has come.
local function start_at(r, at)
    if at > NOW then
        move(r, SCHEDULED, at)
    else
        move(r, PENDING)
    end
end
