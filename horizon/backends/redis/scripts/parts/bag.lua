-- Changes are collected first and written together: one command per key instead of one per job, and nothing is
-- written before everything has been decided. What frees memory is written first: after that Redis lets a script
-- over `maxmemory` write whatever it has to.
local sets, sorted, hashes, sums, peaks, doomed, lists, slots = {}, {}, {}, {}, {}, {}, {}, {}

local function within(bag, key)
    local members = bag[key]
    if not members then
        members = {}
        bag[key] = members
    end
    return members
end

local function put(key, member) within(sets, key)[member] = true end
local function take(key, member) within(sets, key)[member] = false end
local function rank(key, member, score) within(sorted, key)[member] = score end
local function unrank(key, member) within(sorted, key)[member] = false end
local function hput(key, field, value) within(hashes, key)[field] = value end
local function hdrop(key, field) within(hashes, key)[field] = false end
local function peak(key, field, value) within(peaks, key)[field] = math.max(value, within(peaks, key)[field] or 0) end
local function append(key, value)
    local values = within(lists, key)
    values[#values + 1] = value
end
local function add(key, field, by)
    local fields = within(sums, key)
    fields[field] = (fields[field] or 0) + by
end
local function fill(key, bit, n) within(slots, key)[bit] = n end
local function doom(key) doomed[#doomed + 1] = key end

-- One command over many members, a thousand at a time: Lua cannot hand over much more at once.
local function in_parts(command, key, members)
    if #members <= 1000 then
        if #members > 0 then
            call(command, key, unpack(members))
        end
        return
    end
    for from = 1, #members, 1000 do
        call(command, key, unpack(members, from, math.min(from + 999, #members)))
    end
end

local function write_removals()
    for from = 1, #doomed, 500 do
        call('UNLINK', unpack(doomed, from, math.min(from + 499, #doomed)))
    end
    for command, bag in pairs({SREM = sets, ZREM = sorted, HDEL = hashes}) do
        for key, members in pairs(bag) do
            local gone = {}
            for member, value in pairs(members) do
                if value == false then
                    gone[#gone + 1] = member
                end
            end
            in_parts(command, key, gone)
        end
    end
end

local function write_members()
    for key, members in pairs(sets) do
        local new = {}
        for member, value in pairs(members) do
            if value then
                new[#new + 1] = member
            end
        end
        in_parts('SADD', key, new)
    end
    for key, members in pairs(sorted) do
        local new = {}
        for member, score in pairs(members) do
            if score then
                new[#new + 1] = score
                new[#new + 1] = member
            end
        end
        in_parts('ZADD', key, new)
    end
    for key, fields in pairs(hashes) do
        local new = {}
        for field, value in pairs(fields) do
            if value ~= false then
                new[#new + 1] = field
                new[#new + 1] = value
            end
        end
        in_parts('HSET', key, new)
    end
    for key, numbers in pairs(slots) do
        for bit, n in pairs(numbers) do
            call('SETRANGE', key, bit * 8, struct.pack('<d', n))
        end
    end
end

local function write_figures()
    for key, fields in pairs(sums) do
        for field, by in pairs(fields) do
            if by ~= 0 then
                call('HINCRBY', key, field, by)
            end
        end
    end
    for key, fields in pairs(peaks) do
        for field, value in pairs(fields) do
            if value > (num(call('HGET', key, field)) or 0) then
                call('HSET', key, field, value)
            end
        end
    end
    for key, values in pairs(lists) do
        in_parts('RPUSH', key, values)
    end
end

local function empty_bag()
    write_removals()
    write_members()
    write_figures()
    sets, sorted, hashes, sums, peaks, doomed, lists, slots = {}, {}, {}, {}, {}, {}, {}, {}
end
