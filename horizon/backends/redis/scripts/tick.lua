-- tick: what is due becomes pending, what expired sessions held goes back.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: limit, limits
-- returns  {promoted, reaped, next due or nil, whether an operation runs, whether dependants are still to be told}
--include base layout packed freely bag common record places samples gates birth attempts sessions due next wakes
local act = cjson.decode(ARGV[2])
LIMITS = {lease = act.limits[1], crashes = act.limits[2], lines = act.limits[3], follow_up = act.limits[4]}
watch_clock()
local promoted, reaped = promote(act.limit), reap(act.limit)
carry_gates_on()
write()
wake_all()
return {promoted, reaped, next_due() or false, call('ZCARD', P .. 'opr'), call('EXISTS', P .. 'gt')}
