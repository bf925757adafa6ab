-- visitor: the user behind a sign-in.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: name, sign-in
-- returns  {user or nil, when the sign-in was ended or nil}
--include base
local ask = cjson.decode(ARGV[2])
return {call('HGET', P .. 'U', ask[1]), call('ZSCORE', P .. 'out', ask[2])}
