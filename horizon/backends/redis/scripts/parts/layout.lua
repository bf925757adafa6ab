-- How a record is laid out. j:<piece> is a hash of `n` and one text for each job of a piece of 512 numbers: a head of fixed
-- length with what every job has, its id, the id of its group behind its length where it is a member of one, a body with what
-- only some have, and a last letter that tells what the body is:
--
-- .  none: the job waits for nothing but its turn, or its time, and nothing is special about it
-- A  its attempt is under way, and nothing came up since: w, b, e, length of w, k (16 letters)
-- E  it simply worked: F, B, D, T, M or 0, f, z (17 letters), W
-- J  anything else: JSON of letters and texts
--
-- packed.py reads the same.
local HEAD = '<c1BI4I4i4dI4I4I4I4dddi4I4I4i4dB' -- s, bits, t n m o q c h hp P a p r R x X C, length of the id
local BEGUN, REST = '<c1BI4I4i4d', 23 -- what the start of an attempt changes of it, and where the rest begins
local ID = 88 -- where the id begins
local TAGGED, HOOK, FAR = 1, 2, 4 -- bits: g, H, header and payload lie by themselves in P:<n>, not in p:<piece>
local GROUPED = 8 -- the highest bit: it is a member of a group
local NEAR = 1000 -- longest header and payload that lie in p:<piece>
local ATTEMPT, ENDED = '<dI4B', '<dddddd'
