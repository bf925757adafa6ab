-- Outcomes, as a turn tells them: attempts that simply worked are settled together (see swift.lua), all others one by one.
local settle_all

do
    -- Attempts that simply worked, as they are sent: number, word, started after, runtime, memory or 0.
    local function told_by(bytes)
        local told, at = {}, 1
        while at < #bytes do
            local n, word, after, runtime, memory
            n, word, after, runtime, memory, at = struct.unpack('<dc16ddd', bytes, at)
            told[#told + 1] = {number = n, n = tostring(n), word = word, after = after, runtime = runtime, memory = memory}
        end
        return told
    end

    -- Who runs an attempt, told by the part of its record that all of one turn have in common.
    local attempts = {}

    local function attempt_in(text)
        local attempt = attempts[text]
        if not attempt then
            local b, e, size = struct.unpack(ATTEMPT, text)
            local w = text:sub(14)
            attempt = {b = b, held = w .. ':' .. e, worker = worker_of({w = w})}
            attempts[text] = attempt
        end
        return attempt
    end

    -- Whether this is the attempt that holds the job, and nothing came up since it began.
    local function goes_on_plainly(text, word)
        return text and text:byte(ID + text:byte(ID - 1)) == 65 and text:sub(-16) == word
    end

    local function tally(group, kind, micros)
        local bucket = micros <= 1 and 0 or micros < LARGEST and floor(math.log(micros) / LOG) or 320
        local buckets = group[kind]
        buckets[bucket] = (buckets[bucket] or 0) + 1
    end

    local function sample_group(group)
        local key = minute_of(group)
        for _, kind in ipairs({'r', 'w'}) do
            for bucket, times in pairs(group[kind]) do
                add(key, kind .. bucket, times)
            end
            add(key, kind .. 'n', group.count)
            add(key, kind .. 't', group[kind .. 't'])
            peak(key, kind .. 'p', group[kind .. 'p'])
        end
        add(key, 'c', group.count)
        if group.memory > 0 then
            peak(key, 'M', group.memory)
        end
    end

    local function label_ends(one, tail, bit)
        local head = cjson.decode(call('GETRANGE', P .. 'p:' .. one.n, 0, one.length - 1))
        for _, tag in ipairs(head.t or {}) do
            put(P .. 'f6:t' .. tag .. tail, bit)
        end
        if head.u then
            put(P .. 'f6:u' .. head.u .. tail, bit)
        end
    end

    -- Where these stand in the list of ends: `first` is the number of the first of them.
    local function index_ends(ending, first)
        local pieces = {}
        for at, one in ipairs(ending) do
            local number = first + at - 1
            local chunk, bit = (number - number % SPAN) / SPAN, tostring(number % SPAN)
            local piece = pieces[chunk]
            if not piece then
                piece = {all = {}, map = {}, q = {}, c = {}}
                pieces[chunk] = piece
                chunks['f6\0' .. chunk] = true
            end
            piece.all[#piece.all + 1] = bit
            piece.map[#piece.map + 1] = bit
            piece.map[#piece.map + 1] = one.n
            within(piece.q, one.q)[#within(piece.q, one.q) + 1] = bit
            within(piece.c, one.c)[#within(piece.c, one.c) + 1] = bit
            if one.length then
                label_ends(one, ':' .. chunk, bit)
            end
        end
        for chunk, piece in pairs(pieces) do
            local tail = ':' .. chunk
            in_parts('HSET', P .. 'f6' .. tail, piece.map)
            in_parts('SADD', P .. 'f6:a' .. tail, piece.all)
            for q, bits in pairs(piece.q) do in_parts('SADD', P .. 'f6:q' .. q .. tail, bits) end
            for c, bits in pairs(piece.c) do in_parts('SADD', P .. 'f6:c' .. c .. tail, bits) end
        end
    end

    local function complete_swiftly(ending)
        local batch, held = new_batch(), {}
        local first = call('INCRBY', P .. 'f6n', #ending) - #ending + 1
        for at, one in ipairs(ending) do
            local text, runtime = one.text, one.runtime
            local body = ID + text:byte(ID - 1)
            local attempt = attempt_in(text:sub(body + 1, -17))
            local q, c, _, available = struct.unpack('<I4I4dd', text, REST)
            if text:byte(2) % 2 == 1 then
                one.length = struct.unpack('<I4', text, 59)
            end
            one.q, one.c = q, c
            local started = attempt.b + one.after
            local waited = math.max(0, started - available)
            local group = into(batch, q, c, one.number, '6' .. text:sub(2, body - 1) .. 'E' .. struct.pack(
                ENDED, NOW, started, waited, runtime, one.memory, first + at - 1
            ) .. '1' .. one.word .. attempt.worker)
            tally(group, 'r', runtime)
            tally(group, 'w', waited)
            group.rt, group.wt = group.rt + runtime, group.wt + waited
            group.rp, group.wp = math.max(group.rp, runtime), math.max(group.wp, waited)
            group.memory = math.max(group.memory, one.memory)
            local ns = within(held, attempt.held)
            ns[#ns + 1] = one.n
        end
        move_batch(batch, PROCESSING, COMPLETED)
        index_ends(ending, first)
        for _, group in pairs(batch.groups) do
            sample_group(group)
        end
        for whose, ns in pairs(held) do
            in_parts('SREM', P .. 'h:' .. whose, ns)
        end
        call('INCR', P .. 'v')
    end

    -- In the order in which they were told: `rows`, which stand at the places `ats`, and between them those that simply worked.
    function settle_all(rows, ats, bytes)
        local answers, ending, seen = {}, {}, {}
        local plain, ns = told_by(bytes), {}
        for at, one in ipairs(plain) do
            ns[at] = one.number
        end
        local texts = texts_of(ns)
        local function settle_one(n, word, said, row)
            if seen[n] then
                return seen[n] == said .. word and DUP or LOST
            end
            return settle(row)
        end
        local next_row, next_plain = 1, 1
        for at = 1, #rows + #plain do
            local row, one = rows[next_row], plain[next_plain]
            if ats[next_row] == at then
                next_row = next_row + 1
                answers[at] = settle_one(tostring(row[1]), row[2], row[9], row)
            else
                one.text = texts[next_plain]
                next_plain = next_plain + 1
                if not seen[one.n] and not jobs[one.n] and goes_on_plainly(one.text, one.word) then
                    ending[#ending + 1] = one
                    answers[at] = OK
                    seen[one.n] = '1' .. one.word
                else
                    local row = {one.n, one.word, 1, 0, one.after, one.runtime, one.memory > 0 and one.memory, 1, 1}
                    answers[at] = settle_one(one.n, one.word, '1', row)
                end
            end
        end
        if #ending > 0 then
            complete_swiftly(ending)
        end
        return answers
    end
end
