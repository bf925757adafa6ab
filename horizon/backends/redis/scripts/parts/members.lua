-- Groups: what the moves of their members count. What follows of that is in groups.lua.
--
-- G:<id>  a group: n number, k kind, N name, p the group it is in, al how many failures it bears, aa any, o options, u user, T
--         tenant, s state (1 open, 2 running, or as a job's), t members, 2 6 7 8 how many of them run or ended so, 9 those that
--         nobody needed, nd nobody needed it, ge generation, fa when it failed, fg it was opened again since, ff what failed first,
--         Y why it is cancelled, C created, F finished, pa when its progress was told, mv it moved since, dp somebody waits for
--         it, pg for its progress, lo hi first and last piece of numbers that members are in
-- gm:<id>:<piece>  members that have not ended; gp:<id> the pieces there are; gg:<id> groups in it that have not ended
-- gz      all groups by number; gs:<state> those of a state; gc:<id> those in a group; gf:<state> ended ones by when; gu unsealed
--         ones by when jobs came for them last; gw those to look at again, by when
local groups, stirred, owing = {}, {}, {}

local function group_at(id)
    local g = groups[id]
    if g == nil then
        local flat = call('HGETALL', P .. 'G:' .. id)
        g = #flat > 0 and {number = 'g' .. id, id = id}
        for at = 1, #flat, 2 do
            g[flat[at]] = flat[at + 1]
        end
        groups[id] = g
    end
    return g
end

local function gset(g, field, value)
    if type(value) == 'number' then
        value = digits(value)
    end
    g[field] = value
    if value == nil then hdrop(P .. 'G:' .. g.id, field) else hput(P .. 'G:' .. g.id, field, value) end
end

local function tally_in(g, field, by)
    gset(g, field, num(g[field] or 0) + by)
end

-- Something of it moved: it is dealt with before the act ends.
local function stir(g)
    if not g.mv then
        gset(g, 'mv', '1')
    end
    stirred[g.id] = g
end

-- A job waits for this of it.
local function told_of(g, on)
    if not g.dp then
        gset(g, 'dp', '1')
    end
    if on == '4' and not g.pg then
        gset(g, 'pg', '1')
    end
end

-- What failed first, as it is read back.
local function failure_in(r)
    local kept = r.E and call('GET', P .. 'x:' .. r.number)
    local said = kept and cjson.decode(kept) or {}
    return cjson.encode({as_text(r.i), said[1] or false, said[2] or false})
end

-- A callback that ran, and shall run once more.
local function owe(r)
    owing[#owing + 1] = r
end

-- A member that is about to move: the figures of its group, and who is unfinished in it, move with it.
local function count_in_group(r, to, needless)
    local g = not r.gd and group_at(r.gr)
    if not g then
        return
    end
    local from, lived, lives = r.s, r.s and not ended(r.s) or false, not ended(to)
    local chunk = digits(piece_of(num(r.number)))
    if not from then
        tally_in(g, 't', 1)
        if not g.lo then gset(g, 'lo', chunk) end
        if g.hi ~= chunk then gset(g, 'hi', chunk) end
    elseif from == PROCESSING or not lived then
        tally_in(g, from, -1)
    end
    if r.nd then tally_in(g, '9', -1) end
    if needless then tally_in(g, '9', 1) end
    if to == PROCESSING or not lives then
        tally_in(g, to, 1)
    end
    if to == FAILED and not g.ff then
        gset(g, 'ff', failure_in(r))
    end
    if lives and not lived then
        put(P .. 'gm:' .. g.id .. ':' .. chunk, r.number)
        rank(P .. 'gp:' .. g.id, chunk, chunk)
        stir(g)
    elseif lived ~= lives then
        take(P .. 'gm:' .. g.id .. ':' .. chunk, r.number)
        vacated[g.id .. ':' .. chunk] = true
        stir(g)
    elseif not lives then
        stir(g)
    end
end
