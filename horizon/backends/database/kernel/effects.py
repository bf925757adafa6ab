"""Effects that took place: rows that are only ever added. Of several with one name the first stands, so nobody waits for a name."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.backends.database.db import Db
from horizon.core.clock import Micros
from horizon.core.outcome import Outcome

INSERT = "INSERT INTO horizon_effect (name, job, at, data) VALUES (?, ?, ?, ?)"


def keep(db: Db, outcomes: Sequence[Outcome], now: Micros) -> None:
    """Those of outcomes that were answered OK."""
    rows = [(name, one.id, now, value) for one in outcomes for name, value in one.effects]
    if rows:
        db.many(INSERT, rows)
