-- session_open: announce a session; the same id again replaces what it announced.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: id, kind, worker (host:pid), info (JSON text), report (JSON text of an empty one), lease, limits
-- returns  when it expires
--include base layout packed freely bag common record places samples gates groups birth attempts sessions
local ask = cjson.decode(ARGV[2])
LIMITS = {lease = ask.limits[1]}
watch_clock()
local key = P .. 's:' .. ask.id
if not is_open(ask.id) then
    call('DEL', key, P .. 'sc:' .. ask.id)
    call('HSET', key, 'report', ask.report, 'started', NOW)
end
call('HDEL', key, 'ended')
call('HSET', key, 'kind', ask.kind, 'worker', ask.worker, 'info', ask.info, 'renewed', NOW, 'expires', NOW + ask.lease)
call('ZADD', P .. 'sl', NOW + ask.lease, ask.id)
call('ZREM', P .. 'se', ask.id)
call('INCR', P .. 'v')
return NOW + ask.lease
