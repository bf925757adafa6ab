-- queue: change what is set for a queue.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: name; fields to set; drop: fields to remove; was: fields as they must stand, false: not
--          there; audit entry or false; stir: wake whoever waits for it
-- returns  {how many of its jobs run, its fields by turns}; {-1} where a field stands otherwise by now: nothing was changed
--include base freely birth wakes audit
local ask = cjson.decode(ARGV[2])
local code = code_of('q', ask.name)
local key = P .. 'q:' .. code
for field, value in pairs(ask.was) do
    if call('HGET', key, field) ~= value then return {-1} end
end
for field, value in pairs(ask.fields) do
    call('HSET', key, field, value)
end
if ask.fields.dead then
    call('HSET', key, 'letters', code_of('q', 'dead:' .. ask.name))
end
for _, field in ipairs(ask.drop) do
    call('HDEL', key, field)
end
local still = call('HMGET', key, 'paused', 'lane')
if still[1] == '1' or still[2] then call('SADD', P .. 'qp', code) else call('SREM', P .. 'qp', code) end
if call('EXISTS', P .. 'lz:' .. code) == 1 then -- limits that wait for it to go on: see lots.lua
    local till = still[1] == '1' and (call('HGET', key, 'until') or 'never') or NOW
    if till == 'never' then call('ZREM', P .. 'due', '!' .. code .. ':') else call('ZADD', P .. 'due', till, '!' .. code .. ':') end
end
keep(ask.audit)
call('INCR', P .. 'v')
if ask.stir then
    wake(ask.name, 8)
end
return {num(call('HGET', P .. 'cq', code .. ':' .. PROCESSING) or 0), call('HGETALL', key)}
