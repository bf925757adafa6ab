"""Counting the jobs of limits and lots themselves, beside the figures that are kept of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from horizon.backends.database.db import Db
from horizon.backends.database.kernel.rows import PENDING, PROCESSING

JOBS = "SELECT abs(lot), CASE WHEN lot < 0 THEN 0 ELSE state END, count(*) FROM horizon_live WHERE lot IS NOT NULL GROUP BY 1, 2"
"""Parked ones in a state that there is not."""
PARKED = 0
LOTS = "SELECT n, queue, names, stands, parked, waits_for FROM horizon_lot"
LIMITS = "SELECT name, running, -crowd, lots FROM horizon_limit"


def drifted(db: Db) -> Iterator[tuple[str, tuple[int, int]]]:
    """`limit:key/figure` and `lot:queue/n/figure` → (figure, truth) of every figure that is wrong."""
    jobs: dict[tuple[int, int], int] = {(lot, state): count for lot, state, count in db.all(JOBS)}
    running: Counter[str] = Counter()
    crowd: Counter[str] = Counter()
    lots: Counter[str] = Counter()
    for n, queue, names, stands, parked, waits_for in db.all(LOTS):
        for figure, kept, truth in (("stands", stands, jobs.get((n, PENDING), 0)), ("parked", parked, jobs.get((n, PARKED), 0))):
            if kept != truth:
                yield f"lot:{queue}/{n}/{figure}", (kept, truth)
        for name in json.loads(names):
            running[name] += jobs.get((n, PROCESSING), 0)
            lots[name] += 1
        if waits_for is not None:
            crowd[waits_for] += jobs.get((n, PARKED), 0)
    for name, *figures in db.all(LIMITS):
        for figure, kept, truth in zip(("running", "waiting", "lots"), figures, (running[name], crowd[name], lots[name]), strict=True):
            if kept != truth:
                yield f"limit:{name}/{figure}", (kept, truth)
