-- What certainly does not fit a search is left out here, so that it need not be brought to where the rest is looked at.
-- Whatever is in doubt stays: letters beyond ASCII have a lower case that Lua does not know, and of two it is within ASCII.
--
-- ask.sieve: words: rows of {word, classes whose name has it, whether an id may}; error, arg: parts of texts; over, under:
-- bounds of runtime; queues, classes: those that are not wanted. All these texts are in lower case. reason: word for word.
-- Each is false where it is not asked for
local sieve

local function n_of(hit)
    return hit[2] or digits(hit[1])
end

do
    local function set_of(codes)
        local found = {}
        for _, code in ipairs(codes or {}) do
            found[code] = true
        end
        return found
    end

    local KELVIN, DOTTED = '\226\132\170', '\196\176' -- their lower case is, or begins with, k and i

    local function may_have(text, part)
        if text:lower():find(part, 1, true) then
            return true
        elseif part:find('[\128-\255]') then
            return text:find('[\128-\255]') ~= nil
        end
        return (part:find('k', 1, true) and text:find(KELVIN, 1, true) or part:find('i', 1, true) and text:find(DOTTED, 1, true)) ~= nil
    end

    local function id_has(text, part)
        local size = text:byte(ID - 1)
        local id = text:sub(ID, ID + size - 1)
        if size ~= 16 then
            return id:find(part, 1, true) ~= nil
        end
        id = id:gsub('.', function(byte) return string.format('%02x', byte:byte()) end)
        local spelt = id:sub(1, 8) .. '-' .. id:sub(9, 12) .. '-' .. id:sub(13, 16) .. '-' .. id:sub(17, 20) .. '-' .. id:sub(21)
        return spelt:find(part, 1, true) ~= nil
    end

    -- How long the last attempt ran, of a record that is packed.
    local function runtime_of(text)
        local at = ID + text:byte(ID - 1)
        if text:byte(2) >= GROUPED then
            at = at + 1 + text:byte(at)
        end
        if text:sub(-1) == 'E' then
            return (struct.unpack('<d', text, at + 24))
        end
        return num(text:match('"T":"?(%d+)', at) or '')
    end

    local function made(asked)
        local queues, classes, words = set_of(asked.queues), set_of(asked.classes), {}
        for at, word in ipairs(asked.words or {}) do
            words[at] = {text = word[1], classes = set_of(word[2]), id = word[3]}
        end
        local says = asked.error or #words > 0
        local reason = asked.reason and cjson.encode(asked.reason) -- as bodies hold it: see packed.lua

        local NONE = {}

        -- The words that neither class nor id has; nothing where the record does not fit at all.
        local function left_of(text)
            local queue, class = struct.unpack('<I4I4', text, 23)
            if queues[queue] or classes[class] then return end
            if reason and not text:find(reason, ID, true) then return end
            if asked.over or asked.under then
                local ran = runtime_of(text)
                if not ran or (asked.over and ran < asked.over) or (asked.under and ran >= asked.under) then return end
            end
            local left = #words > 0 and {} or NONE
            for _, word in ipairs(words) do
                if not word.classes[class] and not ((word.id or text:byte(ID - 1) ~= 16) and id_has(text, word.text)) then
                    left[#left + 1] = word.text
                end
            end
            return left
        end

        local function fits(text, left, kept, failure)
            local h = struct.unpack('<I4', text, 31)
            if asked.arg and not may_have((kept or ''):sub(h + 1), asked.arg) then return false end
            local said = failure and cjson.decode(failure)
            local words_said = said and said[1] .. ': ' .. said[2] or ''
            if asked.error and not may_have(words_said, asked.error) then return false end
            local header = text:byte(2) % 2 == 1 and kept and kept:sub(1, h) or ''
            for _, word in ipairs(left) do
                if not header:find('\\', 1, true) and not may_have(header, word) and not may_have(words_said, word) then
                    return false
                end
            end
            return true
        end

        local function texts(letter, ns)
            local keys = {}
            for at, n in ipairs(ns) do
                keys[at] = P .. letter .. ':' .. n
            end
            return #keys > 0 and call('MGET', unpack(keys)) or {}
        end

        -- Of rows {number, n}, those that may fit; `texts_of_rows` brings their records.
        return function(rows, texts_of_rows)
            local records, packed_ones, some, with_words, failed = texts_of_rows(rows), {}, {}, {}, {}
            for at, row in ipairs(rows) do
                local text = records[at]
                local left = text and left_of(text)
                if left then
                    local one = {row = row, text = text, left = left}
                    some[#some + 1] = one
                    if asked.arg or (#left > 0 and text:byte(2) % 2 == 1) then
                        with_words[#with_words + 1], packed_ones[#packed_ones + 1] = n_of(row), one
                    end
                    if says and text:find('"E":', ID, true) then
                        failed[#failed + 1] = {n_of(row), one}
                    end
                end
            end
            local near = from_pieces('p:', with_words)
            for at, one in ipairs(packed_ones) do
                one.kept = near[at] or call('GET', P .. 'P:' .. with_words[at])
            end
            local numbers = {}
            for at, pair in ipairs(failed) do
                numbers[at] = pair[1]
            end
            for at, kept in ipairs(texts('x', numbers)) do
                failed[at][2].failure = kept
            end
            local found = {}
            for _, one in ipairs(some) do
                if fits(one.text, one.left, one.kept, one.failure) then
                    found[#found + 1] = one.row
                end
            end
            return found
        end
    end

    sieve = ask.sieve and made(ask.sieve)
end
