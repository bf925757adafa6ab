-- tick: what is due becomes pending, what expired sessions held goes back.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: limit, limits; unsealed: {how long a group may be left so, why it is cancelled then}
-- returns  {promoted, reaped, next due or nil, whether an operation runs, whether dependants are still to be told, whether parked jobs
--          could go on, whether audit entries wait to be put into their chain}
--include base layout packed freely bag common record places samples gates groups birth attempts sessions due next wakes
local act = cjson.decode(ARGV[2])
LIMITS = {lease = act.limits[1], crashes = act.limits[2], lines = act.limits[3], follow_up = act.limits[4]}
watch_clock()
local promoted, reaped = promote(act.limit), reap(act.limit)
carry_gates_on()
for _, id in ipairs(call('ZRANGEBYSCORE', P .. 'gu', '-inf', NOW - act.unsealed[1], 'LIMIT', 0, 20)) do
    the_groups().cancel(parent_of('g' .. id), act.unsealed[2])
end
if call('EXISTS', P .. 'gw') == 1 then
    the_groups().look_again()
end
write()
wake_all()
return {promoted, reaped, next_due() or false, call('ZCARD', P .. 'opr'), call('EXISTS', P .. 'gt'), limits_met and limits_met.goes_on() and 1 or 0,
    num(call('GET', P .. 'An') or 0) - num(call('HGET', P .. 'Ac', 'head') or 0)}
