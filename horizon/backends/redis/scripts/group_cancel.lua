-- group_cancel: cancel a group: what has not started at once, what runs is asked to stop.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: id, reason, audit entry or false
-- returns  1, or 0 where there is no such group
--include base layout packed freely bag common record places samples gates groups birth wakes audit
local ask = cjson.decode(ARGV[2])
local g = the_groups().group_at(ask.id)
if not g then
    return 0
end
if not ended(g.s) and not g.Y then
    keep(ask.audit, num(g.t or 0) - num(g['6'] or 0) - num(g['7'] or 0) - num(g['8'] or 0))
    the_groups().cancel(g, ask.reason)
end
write()
wake_all()
return 1
