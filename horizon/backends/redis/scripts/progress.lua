-- progress: news of running attempts.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: lines: how many log lines are kept; reports: {n, word, percent or false, note or false, log lines, dropped}
-- returns  answers: 1 kept, 3 no longer the holder
--include base
local ask, answers, changed = cjson.decode(ARGV[2]), {}, false

local function keep(n, percent, note, lines, dropped)
    local key, log = P .. 'j:' .. n, P .. 'l:' .. n
    if percent then call('HSET', key, 'G', percent, 'sp', '1') end
    if note then call('HSET', key, 'N', note, 'sp', '1') end
    if #lines > 0 then
        local count = 0
        for _, line in ipairs(lines) do
            count = call('RPUSH', log, line)
        end
        if count > ask.lines then
            call('LTRIM', log, count - ask.lines, -1)
            dropped = dropped + count - ask.lines
        end
        call('HSET', key, 'l', 1)
    end
    if dropped > 0 then call('HINCRBY', key, 'ld', dropped) end
    if #lines > 0 or dropped > 0 then call('HDEL', key, 'pl') end
end

for at, report in ipairs(ask.reports) do
    local kept = call('HMGET', P .. 'j:' .. digits(report[1]), 's', 'k')
    if kept[1] == PROCESSING and kept[2] == report[2] then
        keep(digits(report[1]), report[3], report[4], report[5], report[6])
        answers[at], changed = 1, true
    else
        answers[at] = 3
    end
end
if changed then
    call('INCR', P .. 'v')
end
return answers
