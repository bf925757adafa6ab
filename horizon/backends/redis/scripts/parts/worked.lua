-- Outcomes, as a turn tells them: attempts that simply worked are settled together (see swift.lua), all others one by one.
local settle_all

do
    -- Attempts that simply worked, as they are sent: started after, runtime, memory or 0, word, length of the number, number.
    local function told_by(bytes)
        local told, ns, at = {}, {}, 1
        while at < #bytes do
            local after, runtime, memory, word, n
            after, runtime, memory, word, n, at = struct.unpack('<dddc16Bc0', bytes, at)
            told[#told + 1] = {n = n, word = word, after = after, runtime = runtime, memory = memory}
            ns[#ns + 1] = n
        end
        return told, ns
    end

    -- Who runs an attempt, and how much of its record tells that: the same for all that one turn handed out.
    local attempts = {}

    local function attempt_in(text, word)
        local attempt = attempts[word]
        if not attempt then
            local from = #text - 29
            local b, e, size = struct.unpack(ATTEMPT, text, from)
            local w = text:sub(from - size, from - 1)
            attempt = {b = b, held = w .. ':' .. e, worker = worker_of({w = w}), cut = -(size + 31)}
            attempts[word] = attempt
        end
        return attempt
    end

    -- Whether this is the attempt that holds the job, and nothing came up since it began.
    local function goes_on_plainly(text, word)
        return text and text:byte(-1) == 65 and text:sub(-17, -2) == word
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
        local head = cjson.decode(line_of(unpacked(one.text), one.n))
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
            local chunk, bit = piece_of(number), tostring(number % SPAN)
            local piece = pieces[chunk]
            if not piece then
                piece = {from = number % SPAN, all = {}, ns = {}, q = {}, c = {}}
                pieces[chunk] = piece
                chunks['f6\0' .. chunk] = true
            end
            local all = piece.all
            all[#all + 1] = bit
            piece.ns[#all] = one.n
            local of_queue, of_class = within(piece.q, one.q), within(piece.c, one.c)
            of_queue[#of_queue + 1] = bit
            of_class[#of_class + 1] = bit
            if one.tagged then
                label_ends(one, ':' .. chunk, bit)
            end
        end
        for chunk, piece in pairs(pieces) do
            local tail = ':' .. chunk
            call('SETRANGE', P .. 'f6' .. tail, piece.from * 8, struct.pack('<' .. ('d'):rep(#piece.ns), unpack(piece.ns)))
            in_parts('SADD', P .. 'f6:a' .. tail, piece.all)
            for q, bits in pairs(piece.q) do in_parts('SADD', P .. 'f6:q' .. q .. tail, bits) end
            for c, bits in pairs(piece.c) do in_parts('SADD', P .. 'f6:c' .. c .. tail, bits) end
        end
    end

    local function complete_swiftly(ending)
        local batch, held = new_batch(), {}
        local first = call('INCRBY', P .. 'f6n', #ending) - #ending + 1
        for at, one in ipairs(ending) do
            local text, runtime, attempt = one.text, one.runtime, attempt_in(one.text, one.word)
            local q, c, _, _, _, available = struct.unpack('<I4I4I4I4dd', text, REST)
            local started = attempt.b + one.after
            local waited = math.max(0, started - available)
            one.q, one.c, one.tagged = q, c, text:byte(2) % 2 == TAGGED
            local group = into(batch, q, c, num(one.n), one.n, struct.pack(
                '<c1c0ddddddc1c0c0c1', COMPLETED, text:sub(2, attempt.cut), NOW, started, waited, runtime, one.memory, first + at - 1,
                '1', one.word, attempt.worker, 'E'
            ))
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
        local plain, ns = told_by(bytes)
        local texts = from_pieces('j:', ns)
        local function settle_one(n, word, said, row)
            if seen[n] then
                return seen[n] == said .. word and DUP or LOST
            end
            return the_long_way().settle(row)
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
                if not seen[one.n] and not (long and long.jobs[one.n]) and goes_on_plainly(one.text, one.word) then
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
