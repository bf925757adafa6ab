-- samples: figures of some time, oldest first.
--
-- KEYS[1]  the connection's prefix
-- ARGV[1]  the time, or empty
-- ARGV[2]  JSON: first; until or false; queue, class: codes or false; skip: how many were looked at before
-- returns  {rows, how many have been looked at, or nil where that was all}; a row is {minute:queue:class, figures}
--include base
local STEP = 500
local ask, rows = cjson.decode(ARGV[2]), {}
local members = call(
    'ZRANGEBYSCORE', P .. 'mi', ask.first, ask['until'] and '(' .. digits(ask['until']) or '+inf', 'LIMIT', ask.skip, STEP
)
for _, member in ipairs(members) do
    local queue, class = member:match('^%d+:(%d+):(%d+)$')
    if (not ask.queue or ask.queue == queue) and (not ask.class or ask.class == class) then
        rows[#rows + 1] = {member, call('HGETALL', P .. 'm:' .. member)}
    end
end
return {rows, #members == STEP and ask.skip + STEP or false}
