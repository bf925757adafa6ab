-- session_end: settle and return what a session, or one executor of it, held; and end the session, where it says goodbye.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: id, executor or false, running: by token {kind, delay or false, started after, runtime, reason or false,
--          only}, close: whether the session ends, limits
-- returns  how many jobs moved
--include base layout packed freely bag common record places samples gates groups birth attempts sessions wakes
local ask = cjson.decode(ARGV[2])
LIMITS = {lease = ask.limits[1], crashes = ask.limits[2], lines = ask.limits[3], follow_up = ask.limits[4]}
local moved = give_back(ask.id, ask.executor or nil, function(r) return ask.running[r.k .. ':' .. r.number] end)
write()
if ask.close and is_open(ask.id) then
    end_session(ask.id)
end
wake_all()
return moved
