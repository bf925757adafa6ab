-- effect_forget: let an effect take place again.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: name; audit or false
-- returns  1; 0 where it was not known
--include base freely audit
local ask = cjson.decode(ARGV[2])
call('ZREM', P .. 'et', ask.name)
if call('HDEL', P .. 'ef', ask.name) == 0 then
    return 0
end
keep(ask.audit)
return 1
