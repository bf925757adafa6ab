-- group_drop: take a blocked member out of its group; what waits for it waits for what it waited for.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: reason, audit entry or false
-- ARGV[3]  id of the job
-- returns  1, or 0 where it is not blocked
--include base layout packed freely bag common record places samples gates groups birth wakes audit
local ask = cjson.decode(ARGV[2])
local n = numbered(ARGV[3])
local r = n and load(n)
if not r or r.s ~= BLOCKED then
    return 0
end
local waited = {}
for at, wait in ipairs(waits(r)) do
    waited[at] = wait
end
close(r, CANCELLED, ask.reason, true)
for _, number in ipairs(r.dp and call('ZRANGE', P .. 'd:' .. n, 0, -1) or {}) do
    local child = load(number)
    for _, wait in ipairs(child and waits(child) or {}) do
        if wait.parent == r.number and not wait.met then
            meet(child, wait, true)
        end
    end
    for _, wait in ipairs(child and waited or {}) do
        if not waits(child)[wait.parent] then
            wait_for(child, wait.parent, wait.on)
            if wait.met then meet(child, waits(child)[wait.parent], true) end
        end
    end
    if child and child.s == BLOCKED then
        open_if_met(child)
    end
end
keep(ask.audit)
write()
wake_all()
return 1
