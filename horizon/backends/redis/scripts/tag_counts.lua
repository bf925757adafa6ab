-- tag_counts: how many jobs carry a tag, by state and hour, from one piece of the list of all jobs to older ones.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: tags: rows of {tag, piece to begin at or false for the newest, how many may still be looked at}; since, hour:
--          microseconds; hours: how many; pieces: how many may be looked at for each; rows: after so many jobs no further piece is
-- returns  for each tag {piece to go on from or false, how many were looked at, whether there are more than may be looked at,
--          state, hour, times, state, hour, ...}; the hour is -1 for what is older than all of them, the last for what is younger
--include base layout pieces
local ask = cjson.decode(ARGV[2])
local first, last = bounds_of({'n'})

-- The latest numbers of those that carry the tag, at most `most`.
local function carry(tag, chunk, most)
    local numbers = call('SMEMBERS', P .. 'n:t' .. tag .. ':' .. chunk)
    if #numbers <= most then return numbers, false end
    table.sort(numbers, function(a, b) return num(a) > num(b) end)
    for at = #numbers, most + 1, -1 do numbers[at] = nil end
    return numbers, true
end

local function add_up(groups, chunk, numbers)
    for _, text in ipairs(call('HMGET', P .. 'j:' .. chunk, unpack(numbers))) do
        if text then
            local pushed = struct.unpack('<d', text, 39)
            local hour = pushed < ask.since and -1 or math.min(ask.hours - 1, floor((pushed - ask.since) / ask.hour))
            local kind = text:sub(1, 1) .. ':' .. hour
            groups[kind] = (groups[kind] or 0) + 1
        end
    end
end

local answers = {}
for at, wanted in ipairs(ask.tags) do
    local tag, from, left = wanted[1], wanted[2], wanted[3]
    local chunk, looked, more, seen = from or last or 0, 0, false, 0
    local groups = {}
    while first and chunk >= first and looked < ask.pieces and seen < ask.rows and not more do
        local numbers, cut = carry(tag, chunk, left - seen)
        more = cut
        if #numbers > 0 then add_up(groups, chunk, numbers) end
        seen, looked, chunk = seen + #numbers, looked + 1, chunk - 1
    end
    local answer = {not more and first and chunk >= first and chunk or false, seen, more and 1 or 0}
    for kind, times in pairs(groups) do
        local state, hour = kind:match('^(.+):(-?%d+)$')
        answer[#answer + 1] = state
        answer[#answer + 1] = hour
        answer[#answer + 1] = times
    end
    answers[at] = answer
end
return answers
