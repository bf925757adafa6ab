-- Where the number of a job is found by its id. Ids made here begin with their time (UUIDv7): those of about a minute lie in one
-- hash, so what is pushed together is written together, beside what was written just now, however many jobs are stored. All
-- others are spread by their last two bytes.
local function bucket(id)
    local version = #id == 16 and id:byte(7)
    if version and version >= 112 and version < 128 then
        return P .. 'i:' .. id:sub(1, 4)
    end
    return P .. 'i:' .. id:sub(-2)
end
