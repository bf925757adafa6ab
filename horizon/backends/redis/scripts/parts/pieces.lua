-- The pieces of a list that exist: <order>c holds them by their number, as number:time at which they began.

local function began(entry)
    return num(entry:match(':(%d+)$'))
end

-- The last piece that began at or before a time: found by halves, since numbers grow with time.
local function piece_at(key, time)
    local low, high = 0, call('ZCARD', key) - 1
    while low < high do
        local middle = floor((low + high + 1) / 2)
        if began(call('ZRANGE', key, middle, middle)[1]) <= time then
            low = middle
        else
            high = middle - 1
        end
    end
    return num(call('ZRANGE', key, low, low)[1]:match('^%d+'))
end

-- First and last piece of these lists that may hold anything of that time; nothing where they are empty.
local function bounds_of(orders, after, before)
    local first, last
    for _, order in ipairs(orders) do
        local key = P .. (order:sub(1, 1) == 'n' and 'nc' or order:sub(1, 1) == 'N' and 'nc' or order .. 'c')
        local ends = {call('ZRANGE', key, 0, 0)[1], call('ZRANGE', key, -1, -1)[1]}
        if ends[1] then
            local low, high = num(ends[1]:match('^%d+')), num(ends[2]:match('^%d+'))
            if after and began(ends[1]) < after then low = piece_at(key, after - 1) end
            if before and began(ends[2]) >= before then high = piece_at(key, before - 1) end
            first, last = math.min(first or low, low), math.max(last or high, high)
        end
    end
    return first, last
end
