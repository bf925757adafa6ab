-- audit_append: keep one entry.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: the entry: actor, verb, count, text
-- returns  1
--include base freely audit
keep(cjson.decode(ARGV[2]))
return 1
