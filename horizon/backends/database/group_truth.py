"""Counting the members of groups themselves, beside their figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from horizon.backends.database.db import Db
from horizon.backends.database.kernel.rows import CANCELLED, COMPLETED, FAILED, PLAIN

FIGURES = (
    "SELECT g.n, g.id, g.total + coalesce(sum(d.total), 0), g.completed + coalesce(sum(d.completed), 0), "
    "g.failed + coalesce(sum(d.failed), 0), g.cancelled + coalesce(sum(d.cancelled), 0) "
    "FROM horizon_group g LEFT JOIN horizon_group_delta d ON d.group_n = g.n "
    f"WHERE g.state < {COMPLETED} GROUP BY g.n, g.id, g.total, g.completed, g.failed, g.cancelled"
)
"""Of groups that have not ended: their members are all kept."""
MEMBERS = (
    f"SELECT g.n, CASE WHEN l.group_n IS NULL AND d.group_n IS NULL THEN {COMPLETED} WHEN l.n IS NULL THEN d.state ELSE l.state END, count(*) "
    "FROM horizon_group g JOIN horizon_job j ON j.group_id = g.id LEFT JOIN horizon_live l ON l.n = j.n LEFT JOIN horizon_done d ON d.n = j.n "
    f"WHERE g.state < {COMPLETED} GROUP BY 1, 2"
)
"""One that counts nowhere any more completed for its group, and runs again for itself."""
INNER = "SELECT c.parent, c.state, count(*) FROM horizon_group c WHERE c.parent IS NOT NULL GROUP BY 1, 2"


def drifted(db: Db) -> Iterator[tuple[str, tuple[int, int]]]:
    """`group:id/figure` → (figure, truth) of every figure that is wrong."""
    truth: Counter[tuple[int, int]] = Counter()
    totals: Counter[int] = Counter()
    for n, state, count in [*db.all(MEMBERS), *db.all(INNER)]:
        truth[n, state & PLAIN] += count
        totals[n] += count
    for n, id, total, *ended in db.all(FIGURES):
        counted = (totals[n], *(truth[n, state] for state in (COMPLETED, FAILED, CANCELLED)))
        for name, figure, found in zip(("total", "completed", "failed", "cancelled"), (total, *ended), counted, strict=True):
            if int(figure) != found:
                yield f"group:{id}/{name}", (int(figure), found)
