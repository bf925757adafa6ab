-- session_held: what a session, or one executor of it, holds.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: id, executor or false
-- returns  ids, numbers and tokens by turns
--include base layout packed bag common record places samples gates groups birth attempts sessions
local ask, found = cjson.decode(ARGV[2]), {}
for _, n in ipairs(held_by(ask.id, ask.executor or nil)) do
    local r = load(n)
    if r and r.k then
        found[#found + 1] = r.i
        found[#found + 1] = n
        found[#found + 1] = r.k .. ':' .. n
    end
end
return found
