-- session_command: leave a command for one session, or for every living worker.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: verb, session or false, audit entry or false
-- returns  for how many
--include base freely audit
local ask, told = cjson.decode(ARGV[2]), 0
for _, id in ipairs(call('ZRANGEBYSCORE', P .. 'sl', '(' .. digits(NOW), '+inf', 'LIMIT', 0, 10000)) do
    if (not ask.session or ask.session == id) and call('HGET', P .. 's:' .. id, 'kind') == 'worker' then
        call('RPUSH', P .. 'sc:' .. id, ask.verb)
        call('LTRIM', P .. 'sc:' .. id, -100, -1)
        told = told + 1
    end
end
if told > 0 then
    keep(ask.audit, told)
end
return told
