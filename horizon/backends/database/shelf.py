"""Where sums of stretches of time are written; see backends/rollup.py."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.backends.database.db import Db, Row, insert
from horizon.backends.database.numbers import SAMPLES, merged_samples
from horizon.backends.database.rollups import rolls
from horizon.backends.rollup import Roll
from horizon.backends.values import Sample
from horizon.core.clock import DAY, HOUR, MINUTE, Micros

NEWEST = "SELECT max(at) FROM horizon_rollup WHERE span = ?"
FORGET = "DELETE FROM horizon_rollup WHERE span = ? AND (at < ? OR at > ?)"
DELETE = "DELETE FROM horizon_rollup WHERE span = ? AND at = ?"
INSERT = insert("horizon_rollup", "span at steps pairs")
OLDEST = "SELECT min(at) FROM horizon_sample WHERE span = ?"


class DatabaseShelf:
    """See `Shelf`; within one transaction."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def newest(self, span: Micros) -> Micros | None:
        """See `Shelf.newest`."""
        return _least(self._db.one(NEWEST, (span,)))

    def oldest_sample(self) -> Micros | None:
        """See `Shelf.oldest_sample`."""
        found = (_least(self._db.one(OLDEST, (span,))) for span in (DAY, HOUR, MINUTE))
        return min((one for one in found if one is not None), default=None)

    def read(self, span: Micros, since: Micros, until: Micros) -> Sequence[Roll]:
        """See `Shelf.read`."""
        return rolls(self._db, span, since, until)

    def samples(self, since: Micros, until: Micros) -> Sequence[Sample]:
        """See `Shelf.samples`."""
        return merged_samples(self._db.all(f"{SAMPLES} AND at < ?", (since, until)))

    def write(self, rolls: Sequence[Roll]) -> None:
        """See `Shelf.write`."""
        for one in rolls:
            self._db.run(DELETE, (one.span, one.at))
            self._db.run(INSERT, (one.span, one.at, one.steps, one.pairs))

    def forget(self, span: Micros, before: Micros, after: Micros) -> None:
        """See `Shelf.forget`."""
        self._db.run(FORGET, (span, before, after))


def _least(row: Row | None) -> Micros | None:
    return None if row is None or row[0] is None else int(row[0])
