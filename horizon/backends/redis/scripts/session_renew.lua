-- session_renew: prolong the lease and collect what the session is asked to do.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: id, lease, report (JSON text or false), limits
-- returns  {time}, where the store has given it up; else {time, commands, tokens to stop and reasons by turns, paused queues}
--include base layout packed freely bag common record places samples gates groups birth attempts sessions
local ask = cjson.decode(ARGV[2])
LIMITS = {lease = ask.limits[1]}
watch_clock()
if not is_open(ask.id) then
    return {NOW}
end
local key = P .. 's:' .. ask.id
if ask.report and call('HGET', key, 'report') ~= ask.report then
    call('HSET', key, 'report', ask.report)
    call('INCR', P .. 'v')
end
call('HSET', key, 'renewed', NOW, 'expires', NOW + ask.lease)
call('ZADD', P .. 'sl', NOW + ask.lease, ask.id)
local commands = call('LRANGE', P .. 'sc:' .. ask.id, 0, -1)
if #commands > 0 then
    call('DEL', P .. 'sc:' .. ask.id)
end
local stops, paused = {}, {}
for _, n in ipairs(held_by(ask.id)) do
    local r = load(n)
    if r and r.Y then
        stops[#stops + 1] = r.k .. ':' .. n
        stops[#stops + 1] = r.Y
    end
end
for _, code in ipairs(call('SMEMBERS', P .. 'qp')) do
    if queue(code).paused then
        paused[#paused + 1] = call('LINDEX', P .. 'ql', code - 1)
    end
end
return {NOW, commands, stops, paused}
