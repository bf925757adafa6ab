-- Groups that come with a push, and jobs that join them or wait for them: see push.lua.
local function joining()
    local fresh, known, met = {}, {}, the_groups()
    local groups, group_at, gset, tally_in, stir = met.groups, met.group_at, met.gset, met.tally_in, met.stir

    local function state_of(id)
        return fresh[id] and '1' or known[id]
    end

    local function may_join(id)
        local state = state_of(id)
        return state and not ended(state)
    end

    local function may_nest()
        local first = {}
        for _, new in ipairs(act.groups) do
            if not known[new.id] then
                if new.parent and not first[new.parent] and (not known[new.parent] or ended(known[new.parent])) then
                    return false
                end
                first[new.id], fresh[new.id] = true, true
            end
        end
        return true
    end

    -- Whether these may be made to wait for a new job: blocked ones only, and none that the new one may wait for itself.
    -- Unless they all wait for that themselves: then no circle can close.
    local function may_go_before(one)
        local going = {}
        for at, index in ipairs(one.before) do
            local n = numbered(ARGV[index])
            going[at] = n and load(n)
            if not n or going[at].s ~= BLOCKED then
                return false
            end
        end
        local function all_wait_for(parent)
            for _, r in ipairs(going) do
                if not waits(r)[parent] then
                    return false
                end
            end
            return true
        end
        local seen, todo = {}, {one}
        while #todo > 0 do
            for _, edge in ipairs(table.remove(todo).edges or {}) do
                local id = ARGV[edge[1]]
                local at = not edge[3] and ids[id]
                if not at then
                    local n = not edge[3] and numbered(id)
                    local waiting = edge[3] or (n and load(n).s == BLOCKED)
                    if waiting and not all_wait_for(edge[3] and 'g' .. edge[3] or n) then
                        return false
                    end
                elseif not seen[at] then
                    seen[at] = true
                    todo[#todo + 1] = new[at]
                end
            end
        end
        return true
    end

    local function edges_may_be(one)
        for _, edge in ipairs(one.edges or {}) do
            if edge[3] then
                local state = state_of(edge[3])
                if not state or (not one.shape.group and shut(tostring(edge[2]), state)) then
                    return false
                end
            end
        end
        return true
    end

    local function is_fine()
        if not may_nest() then
            return false
        end
        for _, one in ipairs(new) do
            local group = one.shape.group
            if (group and not may_join(group[1])) or not edges_may_be(one) or (one.before and not may_go_before(one)) then
                return false
            end
        end
        for _, id in ipairs(act.seal) do
            if not state_of(id) then
                return false
            end
        end
        return true
    end

    -- What it takes to tell why: states of the groups spoken of, and of jobs.
    local function told()
        local states, jobs = {}, {}
        for _, id in ipairs(act.asked) do
            states[#states + 1] = known[id] or ''
        end
        for index = act.others[1], act.others[2] do
            local n = numbered(ARGV[index])
            jobs[#jobs + 1] = n and WORD[load(n).s] or ''
        end
        return {'groups', statuses, states, jobs}
    end

    -- Something came for a group: none of those around it has been left.
    local function touch(g)
        while g and g.s == '1' do
            rank(P .. 'gu', g.id, NOW)
            g = g.p and group_at(g.p)
        end
    end

    local function make(new)
        local id, parent = new.id, new.parent and group_at(new.parent)
        local g = {number = 'g' .. id, id = id}
        groups[id] = g
        local n = call('INCR', P .. 'gn')
        local kept = {
            n = n, k = tostring(new.kind), N = new.name, p = new.parent or nil, al = new.allow or nil, aa = new.allow_all and '1' or nil,
            o = new.options, u = new.user or nil, T = new.tenant or nil, s = '1', C = NOW, pa = NOW,
        }
        for field, value in pairs(kept) do
            gset(g, field, value)
        end
        rank(P .. 'gz', id, n)
        rank(P .. 'gs:1', id, n)
        rank(P .. 'gu', id, NOW)
        if parent then
            tally_in(parent, 't', 1)
            rank(P .. 'gg:' .. parent.id, id, n)
            rank(P .. 'gc:' .. parent.id, id, n)
            stir(parent)
            touch(parent)
        end
    end

    local made = {}

    -- Why this push must be refused; nothing where it need not be.
    function made.problem()
        for _, id in ipairs(act.asked) do
            local g = group_at(id)
            known[id] = g and g.s or nil
        end
        return not is_fine() and told() or nil
    end

    function made.make_groups()
        for _, new in ipairs(act.groups) do
            if fresh[new.id] then
                fresh[new.id] = nil
                make(new)
            end
        end
    end

    -- A member that waits in vain is cancelled as if it had been there when what it waits for ended; so is one that comes when its
    -- group is being cancelled already.
    local function give_up()
        local vain, late = {}, {}
        for _, one in ipairs(new) do
            local g = one.shape.group and group_at(one.shape.group[1])
            if g and one.r.s == BLOCKED and shut_parent(one.r) then vain[#vain + 1] = one.r end
            if g and met.cancelling(g) then late[#late + 1] = one end
            touch(g)
        end
        if vain[1] or late[1] then
            write_down() -- their dependants are among those that came with them
        end
        for _, r in ipairs(vain) do
            if r.s == BLOCKED and follows(r) then follow({r}) end
        end
        for _, one in ipairs(late) do
            met.cancel_member(one.r, met.cancelling(group_at(one.shape.group[1])))
        end
    end

    -- After the new jobs are stored: who waits for them, and which are cancelled at once.
    function made.join()
        for _, one in ipairs(new) do
            for _, index in ipairs(one.before or {}) do
                wait_for(load(numbered(ARGV[index])), one.n, '1')
            end
        end
        give_up()
        for _, id in ipairs(act.seal) do
            touch(group_at(id))
            met.seal(group_at(id))
        end
    end
    return made
end
