-- A job that ended begins anew.
local function forget_end(r)
    if r.v then
        doom(P .. 'o:' .. r.number)
    end
    unset(r, 'S', 'F', 'v', 'y', 'O')
end

-- A new round, with all its tries. The attempt that ended last is told by the record itself where it simply worked; before it
-- runs again it is written down.
local function begin_anew(r, tries)
    if r.L then
        append(P .. 'a:' .. r.number, '[' .. table.concat({
            r.n, r.R or 0, r.B, r.F, r.W and cjson.encode(r.W) or 'null', '"completed"', 'null', 'null', r.M or 'null', 'null', '[]', 0,
        }, ',') .. ']')
        set(r, 'u', '1')
        unset(r, 'L')
    end
    set(r, 'R', num(r.R or 0) + 1)
    set(r, 't', tries)
    if r.E then
        doom(P .. 'x:' .. r.number)
    end
    unset(r, 'x', 'E')
end
