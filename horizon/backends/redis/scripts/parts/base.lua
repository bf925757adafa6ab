-- What every script begins with: the connection's prefix, the clock, and the words for states.
--
-- KEYS[1]  the connection's prefix, such as {hz}: every key begins with it, and in a cluster it decides the slot
-- ARGV[1]  the time in microseconds, handed in by tests; empty: the server's own clock
-- ARGV[2]  what the act is about, as JSON; absent values are `false`, never null
local call = redis.call
local P = KEYS[1]
local floor, num = math.floor, tonumber

local function clock()
    if ARGV[1] ~= '' then
        return num(ARGV[1])
    end
    local time = call('TIME')
    return time[1] * 1000000 + time[2]
end

local NOW = clock()

local PENDING, PROCESSING, SCHEDULED, RETRYING = '1', '2', '3', '4'
local BLOCKED, COMPLETED, FAILED, CANCELLED = '5', '6', '7', '8'
local WORD = {
    ['1'] = 'pending', ['2'] = 'processing', ['3'] = 'scheduled', ['4'] = 'retrying',
    ['5'] = 'blocked', ['6'] = 'completed', ['7'] = 'failed', ['8'] = 'cancelled',
}
local SPAN = 512 -- numbers in one piece of an index
local ALL = '\0' -- where causes are counted: what no cause is called

local function ended(state)
    return state == COMPLETED or state == FAILED or state == CANCELLED
end

-- An integer as text: Lua's own way keeps 14 digits, and a time has 16.
local function digits(number)
    return string.format('%.0f', number)
end

-- A number of push as a member of a sorted set: equal scores go by text, so the text must sort as the number does.
local function ordered(n)
    return string.char(64 + #n) .. n
end
