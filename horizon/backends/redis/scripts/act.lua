-- act: what a person does to jobs. Each verb answers why it left a job alone, or nothing when it did what was asked.
--
-- KEYS[1]   the connection's prefix
-- ARGV[1]   the time, or empty
-- ARGV[2]   JSON: verb; at, priority, queue, reason, keep_time, tries: its parameters, false where not given; audit entry or false;
--           rows or false: what a search found, as {n, state, runs, round}: a job that has changed since is passed over;
--           operation or false: {id, position expected, position after, whether that was all, until when its pace is used up,
--           whether its jobs are watched}: nothing is done where somebody else has carried it on;
--           was or false: {queue, priority, time} where the only job must stand, {} where it must not be there: else nothing is done
-- ARGV[3..] ids, where there are no rows
-- returns   {ids done, ids skipped, reasons}; or nothing where the operation, or the job, was elsewhere
--include base layout packed freely bag common record places samples gates anew groups birth wakes audit operations

local act = cjson.decode(ARGV[2])
local deeds = {}

function deeds.cancel(r, reason)
    if ended(r.s) then
        return 'it already ended: ' .. WORD[r.s]
    end
    local why = reason or act.reason or 'cancelled'
    if r.s == PROCESSING then
        if r.Y then
            return 'its cancellation is under way'
        end
        set(r, 'Y', why)
        return nil
    end
    finish(r, CANCELLED, why)
    if not (r.Z and queue(r.q).lane) then -- forgotten in a lane: it went on to another store, which is no cancellation
        count_ended(r, CANCELLED)
    end
end

-- Undoing a cancellation: blocked where it waits for others, scheduled where its time has not come, else pending; with the
-- tries it had, unless they are all used up. What is put back may let in what waits for it.
local function put_back(r)
    local holder = key_holder(r)
    if holder then
        return 'key held by ' .. as_text(holder.i)
    end
    local blocked = false
    for _, wait in ipairs(waits(r)) do
        blocked = blocked or not wait.met and num(r.n or 0) == 0
    end
    local parent = blocked and shut_parent(r)
    if parent then
        local known = parent_of(parent)
        return 'the job it waited for ended otherwise; retry that one first: ' .. (known and (known.id or as_text(known.i)) or parent)
    end
    local at = num(r.a)
    if blocked then move(r, BLOCKED) elseif at > NOW then move(r, SCHEDULED, at) else move(r, PENDING) end
    take_key(r)
    if r.m and num(r.t or 0) >= num(r.m) then
        begin_anew(r, act.tries or 0)
    end
    forget_end(r)
    reopen(r)
end

function deeds.retry(r)
    if not ended(r.s) then
        return 'only a job that ended can be retried; it is ' .. WORD[r.s]
    end
    if act.keep_time and r.s == CANCELLED and not r.nd then
        return put_back(r)
    end
    local holder = key_holder(r)
    if holder then
        return 'key held by ' .. as_text(holder.i)
    end
    if r.gr and not r.gd and r.s == COMPLETED then
        set(r, 'gd', COMPLETED) -- it did what its group wanted of it: whatever comes now is its own affair
    elseif r.gr and not r.gd and not parent_of('g' .. r.gr) then
        set(r, 'gd', '0')
    end
    if act.at and act.at > NOW then move(r, SCHEDULED, act.at) else move(r, PENDING) end
    take_key(r)
    begin_anew(r, act.tries or 0)
    forget_end(r)
    reopen(r)
end

function deeds.run_now(r)
    if r.s ~= SCHEDULED and r.s ~= RETRYING then
        return 'only a scheduled or retrying job can be run now; it is ' .. WORD[r.s]
    elseif r.lw then
        return 'it waits for its limit: ' .. the_limits().words_for(r)
    end
    move(r, PENDING)
end

function deeds.reschedule(r)
    if r.s ~= SCHEDULED and r.s ~= RETRYING and r.s ~= PENDING then
        return 'only a pending, scheduled or retrying job can be rescheduled; it is ' .. WORD[r.s]
    end
    move(r, r.s == RETRYING and RETRYING or SCHEDULED, act.at)
end

function deeds.prioritize(r)
    if r.s == PROCESSING or ended(r.s) then
        return 'only a job that waits can change its priority; it is ' .. WORD[r.s]
    end
    if num(r.r) == act.priority then
        return 'its priority is ' .. act.priority .. ' already'
    end
    set(r, 'r', digits(act.priority))
    if r.fk and (r.s == PENDING or r.lw) then
        set(r, 'p', place(r, NOW))
    end
end

local target

function deeds.move(r)
    if r.s == PROCESSING then
        return 'it is running'
    end
    target = target or code_of('q', act.queue)
    if r.q == target then
        return 'it is on queue ' .. act.queue .. ' already'
    end
    set(r, 'q', target)
    if not r.fk or r.s == PENDING or r.lw then
        set(r, 'p', place(r, NOW))
    end
end

-- A live job is cancelled first; one that runs is hidden as soon as it ended.
function deeds.forget(r)
    local reason = act.reason or 'forgotten'
    if ended(r.s) then
        set(r, 'Z', reason)
        set(r, 'hd', NOW)
        return nil
    end
    if r.Z then
        return 'it is being forgotten already'
    end
    set(r, 'Z', reason)
    if not r.Y then
        deeds.cancel(r, reason)
    end
end

local function restore(r)
    if not r.hd then
        return 'it was not forgotten'
    end
    unset(r, 'hd', 'Z')
end

local function apply(r)
    if act.verb == 'restore' then
        return restore(r)
    end
    if r.hd then
        return 'it was forgotten; restore it first'
    end
    return deeds[act.verb](r)
end

local rows = {}
if act.operation and not stands_at(act.operation[1], act.operation[2]) then
    return {}
end
for _, row in ipairs(act.rows or {}) do
    local r = load(row[1])
    if r and r.s == row[2] and (r.n or '0') == row[3] and (r.R or '0') == row[4] then
        rows[#rows + 1] = r
    end
end
local done, skipped, reasons = {}, {}, {}
for at = 3, act.rows and 0 or #ARGV do
    local n = numbered(ARGV[at])
    if n then
        rows[#rows + 1] = load(n)
    else
        skipped[#skipped + 1] = ARGV[at]
        reasons[#reasons + 1] = 'there is no such job'
    end
end
if act.was then
    local r = rows[1] or {}
    if num(r.q) ~= act.was[1] or num(r.r) ~= act.was[2] or num(r.a) ~= act.was[3] then
        return {}
    end
end
local left, count, before = {}, 0, nil
for at, r in ipairs(rows) do
    left[at] = apply(r)
    count = count + (left[at] and 1 or 0)
end
while act.keep_time and act.verb == 'retry' and count > 0 and count ~= before do
    before = count
    for at, r in ipairs(rows) do
        if left[at] then
            left[at] = apply(r)
            count = count - (left[at] and 0 or 1)
        end
    end
end
for at, r in ipairs(rows) do
    if left[at] then
        skipped[#skipped + 1] = r.i
        reasons[#reasons + 1] = left[at]
    else
        done[#done + 1] = r.i
    end
end
if #done > 0 then
    keep(act.audit, #done)
end
if act.operation then
    carry_on(act.operation, done, skipped, reasons)
end
write()
wake_all()
return {done, skipped, reasons}
