"""The tables of limits; see `tables.py`.

- `limit`: what a key allows, what was taken of it, and how many jobs hold it. Whoever starts, ends or parks a job with limits locks
  the rows of its keys first; everything else about its lot is his then.
- `lot`: the jobs of one queue with the same limits. Of a job with limits `live.lot` is the number of its lot; minus that number while
  it is parked.

One lot in each queue keeps watch for all that are parked there for the same limit: `due` of one of its jobs, `watch`, is when there
may be room again. So nobody has to look for these times anywhere but where all the others stand.
"""

from __future__ import annotations

from horizon.backends.database.columns import Long, Prose, Word, col, index, partial, table

limit = table(
    "limit",
    col("name", Word, key=True),
    col("most", Long),
    col("per", Long),
    col("strategy", Word),
    col("running", Long),
    col("marks", Prose),
    col("lots", Long),
    col("crowd", Long),
    col("idle_at", Long, null=True),
    index("limit_crowd", "crowd", "name"),
    partial("limit_idle", "idle_at", where="idle_at IS NOT NULL"),
)

lot = table(
    "lot",
    col("n", Long, key=True, auto=True),
    col("id", Word),
    col("queue", Word),
    col("names", Prose),
    col("stands", Long),
    col("parked", Long),
    col("rank", Long),
    col("place", Long),
    col("waits_for", Word, null=True),
    col("watch", Long, null=True),
    col("idle_at", Long, null=True),
    index("lot_id", "id", unique=True),
    partial("lot_waits", "waits_for", "queue", "rank", "place", "n", where="waits_for IS NOT NULL"),
    partial("lot_watch", "waits_for", "watch", where="watch IS NOT NULL"),
    partial("lot_idle", "idle_at", where="idle_at IS NOT NULL"),
)
