-- progress: news of running attempts.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: lines: how many log lines are kept; reports: {n, word, percent or false, note or false, log lines, dropped}
-- returns  answers: 1 kept, 3 no longer the holder
--include base layout packed
local ask, answers, changed = cjson.decode(ARGV[2]), {}, false

local function keep(n, r, percent, note, lines, dropped)
    local log = P .. 'l:' .. n
    r.G, r.N = percent or r.G, note or r.N
    if #lines > 0 then
        local count = 0
        for _, line in ipairs(lines) do
            count = call('RPUSH', log, line)
        end
        if count > ask.lines then
            call('LTRIM', log, count - ask.lines, -1)
            dropped = dropped + count - ask.lines
        end
        r.l = '1'
    end
    if dropped > 0 then r.ld = num(r.ld or 0) + dropped end
    call('HSET', lies_in(n), n, packed(r))
end

for at, report in ipairs(ask.reports) do
    local n = digits(report[1])
    local r = fields(n)
    if r and r.s == PROCESSING and r.k == report[2] then
        keep(n, r, report[3], report[4], report[5], report[6])
        answers[at], changed = 1, true
    else
        answers[at] = 3
    end
end
if changed then
    call('INCR', P .. 'v')
end
return answers
