-- limits_recount: count who holds each of some limits and who waits for it, and mend what is kept where it says otherwise.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: skip: how many limits were counted before; limits: how many to count
-- returns  {key, figure, kept, counted of each that was wrong, by turns; how many have been counted, or nil where that was all}
--include base layout packed freely
local ask, wrong, held = cjson.decode(ARGV[2]), {}, {}
local keys = call('ZRANGE', P .. 'll', ask.skip, ask.skip + ask.limits - 1)
local queues = call('LLEN', P .. 'ql')
local MOST_LOTS = 1000 -- lots of one line that are counted; where there are more, what is kept of them is believed

local function count_of(session)
    for _, executor in ipairs(call('SMEMBERS', P .. 'hx:' .. session)) do
        local ns = call('SMEMBERS', P .. 'h:' .. session .. ':' .. executor)
        for _, text in ipairs(from_pieces('j:', ns)) do
            local r = text and text:byte(-1) == 74 and unpacked(text)
            for _, key in ipairs(r and r.s == PROCESSING and r.lk or {}) do
                held[key] = (held[key] or 0) + 1
            end
        end
    end
end

local function parked_in(q, key)
    local line, many = P .. 'lq:' .. q .. ':' .. key, 0
    for _, member in ipairs(call('ZRANGE', line, 0, MOST_LOTS - 1)) do
        many = many + call('ZCARD', P .. 'lp:' .. member:sub(12 + member:byte(11) - 64))
    end
    return many, call('ZCARD', line) <= MOST_LOTS
end

local function mend(key, field, figure, truth)
    local kept = num(call('HGET', P .. 'lm:' .. key, field) or 0)
    if kept ~= truth then
        call('HSET', P .. 'lm:' .. key, field, truth)
        for _, value in ipairs({key, figure, kept, truth}) do
            wrong[#wrong + 1] = value
        end
        return true
    end
end

for _, session in ipairs(#keys > 0 and call('ZRANGE', P .. 'sl', 0, 9999) or {}) do
    count_of(session)
end
for _, key in ipairs(keys) do
    local mended = mend(key, 'r', 'running', held[key] or 0)
    for q = 1, queues do
        local many, all = parked_in(q, key)
        mended = all and mend(key, 'w' .. q, 'waiting', many) or mended
        if mended and many > 0 then
            call('ZADD', P .. 'due', NOW, '!' .. q .. ':' .. key)
        end
    end
end
return {wrong, #keys == ask.limits and ask.skip + ask.limits or false}
