-- oldest: since when the oldest pending job of each queue could have run.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: names of queues, or false for all
-- returns  names and times by turns
--include base layout packed
local names, found = cjson.decode(ARGV[2]), {}
local codes = names and #names > 0 and call('HMGET', P .. 'qd', unpack(names)) or names or call('SMEMBERS', P .. 'bq')

-- Those of a band come in the order in which they could run, but for those with a deadline, a key or a share, which are in `y`.
local function first_of(band)
    local soonest
    for _, member in ipairs(call('ZRANGE', band, 0, 99)) do
        local r = fields(member:sub(2))
        soonest = math.min(soonest or math.huge, num(r.a))
        if not (r.d or r.fk or r.fs) then
            return soonest
        end
    end
    return soonest
end

for _, code in ipairs(codes) do
    local dated = code and call('ZRANGE', P .. 'y:' .. code, 0, 0, 'WITHSCORES')[2]
    local soonest = dated and num(dated)
    for _, priority in ipairs(code and call('ZRANGE', P .. 'b:' .. code, 0, -1) or {}) do
        local first = first_of(P .. 'w:' .. code .. ':' .. priority)
        soonest = first and math.min(soonest or math.huge, first) or soonest
    end
    if soonest then
        found[#found + 1] = call('LINDEX', P .. 'ql', code - 1)
        found[#found + 1] = digits(soonest)
    end
end
return found
