-- Records as texts and as tables of letters (see layout.lua; docs/redis.md tells what each letter means). What is not there,
-- what has been counted no further than 0, and a limit that was not set are nil; all else is text, as it always was.
local unpacked, packed

do
    local function counted(number) return number > 0 and digits(number) or nil end
    local function given(number) return number >= 0 and digits(number) or nil end

    local function read_body(r, text, at)
        local kind = text:sub(at, at)
        if kind == 'J' then
            for letter, value in pairs(cjson.decode(text:sub(at + 1))) do
                r[letter] = value
            end
        elseif kind == 'A' then
            local b, e, size, after = struct.unpack(ATTEMPT, text, at + 1)
            r.b, r.e, r.w, r.k = digits(b), digits(e), text:sub(after, after + size - 1), text:sub(after + size)
        elseif kind == 'E' then
            local F, B, D, T, M, f, after = struct.unpack(ENDED, text, at + 1)
            r.F, r.B, r.D, r.T, r.M, r.f, r.L = digits(F), digits(B), digits(D), digits(T), counted(M), digits(f), '1'
            r.plain = true
            r.z, r.W = text:sub(after, after + 16), text:sub(after + 17)
        end
        return r
    end

    function unpacked(text)
        local s, bits, t, n, m, o, q, c, pushed, a, p, priority, h, R, x, X, C, hp, size = struct.unpack(HEAD, text)
        return read_body({
            s = s, g = bits % 2 == 1 and '1' or nil, H = bits >= 2 and '1' or nil, t = counted(t), n = counted(n), m = given(m),
            o = given(o), q = digits(q), c = digits(c), P = digits(pushed), a = digits(a), p = given(p), r = digits(priority),
            h = digits(h), R = counted(R), x = counted(x), X = given(X), C = given(C), hp = digits(hp), i = text:sub(ID, ID + size - 1),
        }, text, ID + size)
    end

    local BODY = {
        'd', 'S', 'K', 'Kf', 'Ku', 'Kx', 'Ks', 'k', 'w', 'e', 'b', 'A', 'z', 'W', 'B', 'D', 'T', 'M', 'L', 'F', 'f', 'y', 'Y', 'Z', 'hd',
        'nd', 'E', 'O', 'G', 'N', 'l', 'ld', 'we', 'dp', 'v', 'u',
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
        return struct.pack(
            HEAD, r.s, (r.g and 1 or 0) + (r.H and 2 or 0), r.t or 0, r.n or 0, r.m or -1, r.o or -1, r.q, r.c, r.P, r.a, r.p or -1, r.r,
            r.h, r.R or 0, r.x or 0, r.X or -1, r.C or -1, r.hp, #r.i
        ) .. r.i .. (body and 'J' .. cjson.encode(body) or '')
    end
end

-- The hash that a record is in, and its field there.
local function lies_in(n)
    local number = num(n)
    local bit = number % SPAN
    return P .. 'j:' .. (number - bit) / SPAN, tostring(bit)
end

local function fields(n)
    local text = call('HGET', lies_in(n))
    return text and unpacked(text) or nil
end

-- The texts of many jobs, in their order; false where there is none.
local function texts_of(ns)
    local texts, groups = {}, {}
    for at, n in ipairs(ns) do
        local key, bit = lies_in(n)
        local group = groups[key]
        if not group then
            group = {bits = {}, places = {}}
            groups[key] = group
        end
        group.bits[#group.bits + 1] = bit
        group.places[#group.places + 1] = at
    end
    for key, group in pairs(groups) do
        local found = call('HMGET', key, unpack(group.bits))
        for index, at in ipairs(group.places) do
            texts[at] = found[index]
        end
    end
    return texts
end
