-- operation_start: store one. It acts on what exists now: jobs pushed later have greater numbers.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: kept: its fields; expected: how many jobs, or false; audit entry or false
-- returns  1; 0 where it is there already
--include base freely audit
local ask = cjson.decode(ARGV[2])
local id = ask.kept.id
local key = P .. 'op:' .. id
if call('EXISTS', key) == 1 then
    return 0
end
local newest = call('GET', P .. 'n') or '0'
call('HSET', key, 'state', 'running', 'created', NOW, 'done', 0, 'skipped', 0, 'reasons', '{}', 'position', newest)
for field, value in pairs(ask.kept) do
    call('HSET', key, field, value)
end
if ask.expected then
    call('HSET', key, 'expected', ask.expected)
end
local number = call('INCR', P .. 'opn')
call('ZADD', P .. 'opr', number, id)
call('ZADD', P .. 'opl', number, id)
keep(ask.audit)
call('INCR', P .. 'v')
return 1
