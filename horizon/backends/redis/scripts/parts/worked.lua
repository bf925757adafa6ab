-- Outcomes, as a turn tells them: attempts that simply worked are settled together (see swift.lua), all others one by one.
local settle_all

do
    -- Attempts that simply worked, as they are sent: started after, runtime, memory or 0, word, length of the number, number.
    -- A row of each, not a table for each attempt: making tables is a good part of what a turn takes.
    local function told_by(bytes)
        local told, count, at = {n = {}, word = {}, after = {}, runtime = {}, memory = {}}, 0, 1
        local ns, words, afters, runtimes, memories = told.n, told.word, told.after, told.runtime, told.memory
        while at < #bytes do
            count = count + 1
            afters[count], runtimes[count], memories[count], words[count], ns[count], at = struct.unpack('<dddc16Bc0', bytes, at)
        end
        return told, count
    end

    -- Who runs an attempt, and how much of its record tells that: the same for all that one turn handed out.
    local attempts = {}

    local function attempt_in(text, word)
        local attempt = attempts[word]
        if not attempt then
            local from = #text - 29
            local b, e, size = struct.unpack(ATTEMPT, text, from)
            local w = text:sub(from - size, from - 1)
            attempt = {b = b, held = w .. ':' .. e, worker = worker_of({w = w}), cut = -(size + 31), ns = {}}
            attempts[word] = attempt
        end
        return attempt
    end

    -- Whether this is the attempt that holds the job, and nothing came up since it began.
    local function goes_on_plainly(text, word)
        return text and text:byte(-1) == 65 and text:sub(-17, -2) == word
    end

    local function tally(buckets, micros)
        local bucket = micros <= 1 and 0 or micros < LARGEST and floor(math.log(micros) / LOG) or 320
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

    local function label_ends(text, n, tail, bit)
        local head = cjson.decode(line_of(unpacked(text), n))
        for _, tag in ipairs(head.t or {}) do
            put(P .. 'f6:t' .. tag .. tail, bit)
        end
        if head.u then
            put(P .. 'f6:u' .. head.u .. tail, bit)
        end
    end

    -- Part of the list of ends: `from` is the first place of these in its piece, `groups` the places of each queue and class.
    local function write_ends(ends)
        local tail = ':' .. ends.chunk
        chunks['f6\0' .. ends.chunk] = true
        call('SETRANGE', P .. 'f6' .. tail, ends.from * 8, struct.pack('<' .. ('d'):rep(#ends.ns), unpack(ends.ns)))
        for group, bits in pairs(ends.groups) do
            in_parts('SADD', P .. 'f6:a' .. tail, bits)
            in_parts('SADD', P .. 'f6:q' .. group.q .. tail, bits)
            in_parts('SADD', P .. 'f6:c' .. group.c .. tail, bits)
        end
        for bytes, bits in pairs(ends.members) do
            in_parts('SADD', P .. 'f6:b' .. as_text(bytes) .. tail, bits)
        end
    end

    -- `which`: those of the told that end so, in the order in which they were told.
    local function complete_swiftly(told, texts, which)
        local batch, ends, members = new_batch(), nil, {}
        local first = call('INCRBY', P .. 'f6n', #which) - #which
        for at = 1, #which do
            local one, f = which[at], first + at
            local text, n, word, runtime, memory = texts[one], told.n[one], told.word[one], told.runtime[one], told.memory[one]
            local attempt = attempt_in(text, word)
            local q, c, _, _, _, available = struct.unpack('<I4I4I4I4dd', text, REST)
            local started = attempt.b + told.after[one]
            local waited = math.max(0, started - available)
            local group, piece = into(batch, q, c, n, '6' .. text:sub(2, attempt.cut) .. struct.pack(
                ENDED, NOW, started, waited, runtime, memory, f
            ) .. '1' .. word .. attempt.worker .. 'E')
            tally(group.r, runtime)
            tally(group.w, waited)
            group.rt, group.wt = group.rt + runtime, group.wt + waited
            if runtime > group.rp then group.rp = runtime end
            if waited > group.wp then group.wp = waited end
            if memory > group.memory then group.memory = memory end
            attempt.ns[#attempt.ns + 1] = n
            local chunk = piece_of(f)
            if not ends or ends.chunk ~= chunk then
                if ends then write_ends(ends) end
                ends = {chunk = chunk, from = f % SPAN, ns = {}, groups = {}, members = {}}
            end
            ends.ns[#ends.ns + 1] = n
            local bits, bit = within(ends.groups, group), tostring(f % SPAN)
            bits[#bits + 1] = bit
            local marks = text:byte(2)
            if marks % 2 == TAGGED then
                label_ends(text, n, ':' .. chunk, bit)
            end
            if marks >= GROUPED then
                local from = ID + text:byte(ID - 1)
                local bytes = text:sub(from + 1, from + text:byte(from))
                bits = within(ends.members, bytes)
                bits[#bits + 1] = bit
                bits = within(within(members, bytes), piece)
                bits[#bits + 1] = n
            end
        end
        write_ends(ends)
        move_batch(batch, PROCESSING, COMPLETED)
        for _, group in pairs(batch.groups) do
            sample_group(group)
        end
        for bytes, pieces in pairs(members) do
            count_members(bytes, 0, pieces)
        end
        for _, attempt in pairs(attempts) do
            in_parts('SREM', P .. 'h:' .. attempt.held, attempt.ns)
        end
        call('INCR', P .. 'v')
    end

    -- In the order in which they were told: `rows`, which stand at the places `ats`, and between them those that simply worked.
    function settle_all(rows, ats, bytes)
        local answers, which, seen = {}, {}, {}
        local told, count = told_by(bytes)
        local texts = from_pieces('j:', told.n)
        local next_row, one = 1, 0
        local function settle_one(n, word, said, row)
            if seen[n] then
                return seen[n] == said .. word and DUP or LOST
            end
            return the_long_way().settle(row)
        end
        for at = 1, #rows + count do
            if ats[next_row] == at then
                local row = rows[next_row]
                next_row = next_row + 1
                answers[at] = settle_one(tostring(row[1]), row[2], row[9], row)
            else
                one = one + 1
                local n, word = told.n[one], told.word[one]
                if not seen[n] and not (long and long.jobs[n]) and goes_on_plainly(texts[one], word) then
                    which[#which + 1] = one
                    answers[at], seen[n] = OK, '1' .. word
                else
                    local memory = told.memory[one]
                    local row = {n, word, 1, 0, told.after[one], told.runtime[one], memory > 0 and memory, 1, 1}
                    answers[at] = settle_one(n, word, '1', row)
                end
            end
        end
        if #which > 0 then
            complete_swiftly(told, texts, which)
        end
        return answers
    end
end
