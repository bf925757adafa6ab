-- How a record is laid out. j:<piece> is a hash of `number % 512` and one text for each job of the piece: a head of fixed
-- length with what every job has, its id, then a body with what only some have, told by its first letter:
--
-- none  it waits for nothing but its turn, or its time, and nothing is special about it
-- A     its attempt is under way, and nothing came up since: b, e, length of w, w, k (16 letters)
-- E     it simply worked: F, B, D, T, M or 0, f, z (17 letters), W
-- J     anything else: JSON of letters and texts
--
-- packed.py reads the same.
local HEAD = '<c1BI4I4i4dI4I4dddi4I4I4I4i4dI4B' -- s, 1 if g and 2 if H, t n m o q c P a p r h R x X C hp, length of the id
local BEGUN, REST = '<c1BI4I4i4d', 23 -- what the start of an attempt changes of it, and where the rest begins
local CREATED, ID = 75, 88 -- where C, hp and the id's length begin, and the id
local ATTEMPT, ENDED = '<dI4B', '<dddddd'
