-- Records as texts and as tables of letters (see layout.lua; docs/redis.md tells what each letter means). What is not there,
-- what has been counted no further than 0, and a limit that was not set are nil; all else is text, as it always was.
local unpacked, packed

local spelt = {}

-- An id as people know it.
local function as_text(id)
    local text = spelt[id]
    if not text then
        if #id == 16 then
            text = ('%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x'):format(id:byte(1, 16))
        else
            text = id:sub(2):gsub('%z+$', '')
        end
        spelt[id] = text
    end
    return text
end

do
    local function counted(number) return number > 0 and digits(number) or nil end
    local function given(number) return number >= 0 and digits(number) or nil end

    local bodies = {}

    bodies['.'] = function() end

    function bodies.J(r, text)
        for letter, value in pairs(cjson.decode(text)) do
            r[letter] = value
        end
    end

    function bodies.A(r, text)
        local b, e, size = struct.unpack(ATTEMPT, text, #text - 28)
        r.b, r.e, r.w, r.k = digits(b), digits(e), text:sub(1, size), text:sub(-16)
    end

    function bodies.E(r, text)
        local F, B, D, T, M, f, after = struct.unpack(ENDED, text)
        r.F, r.B, r.D, r.T, r.M, r.f, r.L = digits(F), digits(B), digits(D), digits(T), counted(M), digits(f), '1'
        r.z, r.W, r.plain = text:sub(after, after + 16), text:sub(after + 17), true
    end

    function unpacked(text)
        local s, bits, t, n, m, o, q, c, h, hp, pushed, a, p, priority, R, x, X, C, size = struct.unpack(HEAD, text)
        local after, gb = ID + size, nil
        local body = after
        if bits >= GROUPED then
            body = after + 1 + text:byte(after)
            gb = text:sub(after, body - 1)
        end
        local r = {
            s = s, g = bits % 2 >= TAGGED and '1' or nil, H = bits % 4 >= HOOK and '1' or nil, t = counted(t), n = counted(n),
            m = given(m), o = given(o), q = digits(q), c = digits(c), h = digits(h), hp = digits(hp), P = digits(pushed),
            a = digits(a), p = given(p), r = digits(priority), R = counted(R), x = counted(x), X = given(X), C = given(C),
            text = text, i = text:sub(ID, after - 1), far = bits % GROUPED >= FAR and '1' or nil, gb = gb, gr = gb and as_text(gb:sub(2)),
        }
        bodies[text:sub(-1)](r, text:sub(body, -2))
        return r
    end

    local BODY = {
        'd', 'S', 'K', 'Kf', 'Ku', 'Kx', 'Ks', 'k', 'w', 'e', 'b', 'A', 'z', 'W', 'B', 'D', 'T', 'M', 'L', 'F', 'f', 'y', 'Y', 'Z', 'hd',
        'nd', 'E', 'O', 'G', 'N', 'l', 'ld', 'we', 'dp', 'v', 'u', 'gd', 'ow', 'lk', 'lw', 'fk', 'fs', 'ex',
    }

    function packed(r)
        local body
        for _, letter in ipairs(BODY) do
            local value = r[letter]
            if value ~= nil then
                body = body or {}
                body[letter] = type(value) == 'number' and digits(value) or value
            end
        end
        local bits = (r.g and TAGGED or 0) + (r.H and HOOK or 0) + (r.far and FAR or 0) + (r.gb and GROUPED or 0)
        return struct.pack(
            HEAD, r.s, bits, r.t or 0, r.n or 0, r.m or -1, r.o or -1, r.q, r.c, r.h, r.hp, r.P, r.a, r.p or -1, r.r, r.R or 0, r.x or 0,
            r.X or -1, r.C or -1, #r.i
        ) .. r.i .. (r.gb or '') .. (body and cjson.encode(body) .. 'J' or '.')
    end
end

-- The piece that a number is in.
local function piece_of(number)
    return (number - number % SPAN) / SPAN
end

local function lies_in(n)
    return P .. 'j:' .. piece_of(num(n))
end

local function fields(n)
    local text = call('HGET', lies_in(n), n)
    return text and unpacked(text) or nil
end

-- What hashes by pieces hold of many jobs, in their order; false where that is nothing. What is asked for together mostly lies
-- together.
local function from_pieces(key, ns)
    local found, groups, last, group = {}, {}, nil, nil
    for at = 1, #ns do
        local piece = piece_of(num(ns[at]))
        if piece ~= last then
            last, group = piece, groups[piece] or {ns = {}, places = {}}
            groups[piece] = group
        end
        group.ns[#group.ns + 1] = ns[at]
        group.places[#group.ns] = at
    end
    for piece, one in pairs(groups) do
        local values = call('HMGET', P .. key .. piece, unpack(one.ns))
        for index = 1, #one.ns do
            found[one.places[index]] = values[index]
        end
    end
    return found
end

-- Header and payload, from one byte to another.
local function blob_of(r, n, from, to)
    if r.far then
        return call('GETRANGE', P .. 'P:' .. n, from, to)
    end
    return call('HGET', P .. 'p:' .. piece_of(num(n)), n):sub(from + 1, to < 0 and -1 or to + 1)
end

local function line_of(r, n)
    return blob_of(r, n, 0, r.h - 1)
end
