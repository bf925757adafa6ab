-- failed_words: class and error of some jobs.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: numbers of jobs
-- returns  {header or nil, error or nil} of each
--include base layout packed
local found = {}
for at, number in ipairs(cjson.decode(ARGV[2])) do
    local n = digits(number)
    local r = fields(n)
    found[at] = {r and line_of(r, n) or false, call('GET', P .. 'x:' .. n)}
end
return found
