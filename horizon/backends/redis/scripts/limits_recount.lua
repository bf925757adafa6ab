-- limits_recount: count how many running jobs hold each of some limits, and mend what is kept where it says otherwise.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: skip: how many limits were counted before; limits: how many to count
-- returns  {key, kept, counted of each that was wrong, by turns; how many have been counted, or nil where that was all}
--include base layout packed freely
local ask, wrong, held = cjson.decode(ARGV[2]), {}, {}
local keys = call('ZRANGE', P .. 'll', ask.skip, ask.skip + ask.limits - 1)

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

for _, session in ipairs(#keys > 0 and call('ZRANGE', P .. 'sl', 0, 9999) or {}) do
    count_of(session)
end
for _, key in ipairs(keys) do
    local kept = call('HGET', P .. 'lm:' .. key, 'r')
    if kept and num(kept) ~= (held[key] or 0) then
        call('HSET', P .. 'lm:' .. key, 'r', held[key] or 0)
        for _, value in ipairs({key, num(kept), held[key] or 0}) do
            wrong[#wrong + 1] = value
        end
    end
end
return {wrong, #keys == ask.limits and ask.skip + ask.limits or false}
