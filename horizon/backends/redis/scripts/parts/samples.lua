-- What happened, per minute, queue and class: figures that are only added to.
--
-- m:<minute>:<queue>:<class>  p pushed · c completed · f failed · x cancelled · t retried · M peak memory ·
--                             r<bucket> w<bucket> histograms of runtime and wait, with rn rt rp, wn wt wp: count, total, peak
local function count_pushed(r)
    add(minute_of(r), 'p', 1)
end

local ENDS = {['6'] = 'c', ['7'] = 'f', ['8'] = 'x'}

local function count_ended(r, to)
    add(minute_of(r, to == FAILED and own(r)), ENDS[to], 1)
end

local function note(key, kind, micros)
    local bucket = micros <= 1 and 0 or micros < LARGEST and floor(math.log(micros) / LOG) or 320
    add(key, kind .. bucket, 1)
    add(key, kind .. 'n', 1)
    add(key, kind .. 't', micros)
    peak(key, kind .. 'p', micros)
end

-- An attempt ended; durations are counted where its code ran to an end of its own.
local function count_attempt(r, o, to)
    local key = minute_of(r)
    if o.started and o.kind ~= 5 then
        note(key, 'r', o.runtime)
        note(key, 'w', num(r.D or 0))
    end
    if ENDS[to] then
        add(key, ENDS[to], 1)
    elseif o.kind == 2 then
        add(key, 't', 1)
    end
    if o.memory then
        peak(key, 'M', o.memory)
    end
end
