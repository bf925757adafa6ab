-- In which order a worker looks into its queues.

-- All names, each next one drawn by weight; one number in [0, 1) is enough for the whole order.
local function in_drawn_order(codes, draw)
    local left, order = codes, {}
    while #left > 0 do
        local total, passed = 0, 0
        for _, code in ipairs(left) do
            total = total + queue(code).weight
        end
        local point = draw * total
        for at, code in ipairs(left) do
            local weight = queue(code).weight
            if point < passed + weight or at == #left then
                if weight > 0 then
                    draw = math.min(math.max((point - passed) / weight, 0), 0.999999)
                end
                order[#order + 1] = code
                table.remove(left, at)
                break
            end
            passed = passed + weight
        end
    end
    return order
end

local function codes_of(names)
    if #names == 0 then
        return nil
    end
    local found, seen = {}, {}
    for _, code in ipairs(call('HMGET', P .. 'qd', unpack(names))) do
        if code and not seen[code] then
            seen[code] = true
            found[#found + 1] = code
        end
    end
    return found
end

-- Queues in the order in which this worker should look into them; paused ones are passed over.
local function in_order(want, wanted)
    local codes = {}
    local all = wanted or call('SMEMBERS', P .. 'bq')
    if not wanted then
        table.sort(all, function(a, b) return num(a) < num(b) end)
    end
    for _, code in ipairs(all) do
        if not queue(code).paused and call('EXISTS', P .. 'b:' .. code) == 1 then
            codes[#codes + 1] = code
        end
    end
    if want.fair or not wanted then
        return in_drawn_order(codes, want.draw)
    end
    return codes
end
