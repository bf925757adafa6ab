-- limits_define: what these limits allow from now on; where that is more, parked jobs go on.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: rows of key, most, per, strategy
-- returns  nothing
--include base layout packed freely bag common record places samples gates groups wakes
for _, words in ipairs(cjson.decode(ARGV[2])) do
    the_limits().define(words)
end
the_limits().keep()
write()
wake_all()
return false
