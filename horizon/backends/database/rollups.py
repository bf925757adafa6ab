"""Sums of stretches of time that are over, read; see backends/rollup.py."""

from __future__ import annotations

from horizon.backends.database.db import Db
from horizon.backends.rollup import Roll
from horizon.core.clock import Micros

READ = "SELECT span, at, steps{pairs} FROM horizon_rollup WHERE span = ? AND at >= ? AND at < ? ORDER BY at"


def rolls(db: Db, span: Micros, since: Micros, until: Micros, *, pairs: bool = True) -> list[Roll]:
    """Those that begin in this time."""
    rows = db.all(READ.format(pairs=", pairs" if pairs else ""), (span, since, until))
    return [Roll(span=row[0], at=row[1], steps=row[2], pairs=bytes(row[3]) if pairs else b"") for row in rows]
