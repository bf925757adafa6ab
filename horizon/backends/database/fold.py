"""Folding what acts added into counters and samples, and minutes into hours, hours into days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from horizon.backends.database.db import Db, Row, change, insert
from horizon.backends.database.kernel.ledger import STATES, SUMS, touch
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.shelf import DatabaseShelf
from horizon.backends.rollup import TEN, amend, roll
from horizon.backends.values import Retention, Sample
from horizon.core.clock import DAY, HOUR, MINUTE, Micros
from horizon.core.histogram import Histogram

FOLD_MANY = 2_000
"""Waiting deltas from which a turn folds some itself."""
PER_STEP = 2_000

NEWEST = "SELECT coalesce(max(seq), 0), coalesce(min(seq), 0) FROM horizon_delta"
DELTAS = f"SELECT seq, at, queue, name, {', '.join(SUMS)}, runtime, wait, {', '.join(STATES)} FROM horizon_delta ORDER BY seq LIMIT ?"
FORGET = "DELETE FROM horizon_delta WHERE seq IN ({in})"
"""Exactly what was read: of several writers one may commit a lower number later."""
ADD = "UPDATE horizon_counter SET n = n + ? WHERE queue = ? AND name = ? AND state = ?"
NEW = insert("horizon_counter", "n queue name state")
COUNTER = "SELECT n FROM horizon_counter WHERE queue = ? AND name = ? AND state = ?"
SAMPLE_COLUMNS = f"span, at, queue, name, {', '.join(SUMS)}, runtime, wait"
SAMPLE = f"SELECT {', '.join(SUMS)}, runtime, wait FROM horizon_sample WHERE span = ? AND at = ? AND queue = ? AND name = ?"
DROP_SAMPLE = "DELETE FROM horizon_sample WHERE span = ? AND at = ? AND queue = ? AND name = ?"
KEEP_SAMPLE = insert("horizon_sample", SAMPLE_COLUMNS)
OLD_SAMPLES = f"SELECT {SAMPLE_COLUMNS} FROM horizon_sample WHERE span = ? AND at < ? ORDER BY at LIMIT ?"
TOO_OLD = "DELETE FROM horizon_sample WHERE span = ? AND at < ?"
Key = tuple[Micros, Micros, str, str]
"""(span, start, queue, class)."""


class Figures:
    """What happened to one class on one queue in one span of time."""

    def __init__(self) -> None:
        self.sums = [0] * len(SUMS)
        self.runtime, self.wait = Histogram(), Histogram()

    def add(self, row: Row) -> None:
        """Take in a row of `SUMS`, runtime, wait. The last sum is a peak."""
        *sums, memory_kb = row[: len(SUMS)]
        self.sums = [*(a + b for a, b in zip(self.sums, sums, strict=False)), max(self.sums[-1], memory_kb)]
        self.runtime.merge(Histogram.decode(row[-2]))
        self.wait.merge(Histogram.decode(row[-1]))

    def sample(self, key: Key) -> Sample:
        """As told."""
        _, minute, queue, name = key
        happened = dict(zip(SUMS, self.sums, strict=True))
        return Sample(minute=minute, queue=queue, name=name, runtime=self.runtime, wait=self.wait, **happened)

    def row(self) -> tuple[object, ...]:
        """As stored."""
        runtime, wait = (h.encode() if h.count else None for h in (self.runtime, self.wait))
        return (*self.sums, runtime, wait)


def waiting(db: Db) -> int:
    """About how many deltas wait to be folded; two looks into an index."""
    ((newest, oldest),) = db.all(NEWEST)
    return int(newest - oldest)


def fold(scope: Scope, limit: int = PER_STEP) -> int:
    """Fold the oldest deltas. One always stays, an empty one at the least: `version` goes by the highest number."""
    if not scope.db.alone("fold"):
        return 0
    rows = scope.db.all(DELTAS, (max(limit, PER_STEP),))
    if not rows or (len(rows) == 1 and not any(rows[0][4:])):
        return 0
    ((newest, _),) = scope.db.all(NEWEST)
    if rows[-1][0] == newest:
        touch(scope.db, scope.now)
    _count(scope.db, rows)
    figures: dict[Key, Figures] = {}
    for _, at, queue, name, *rest in rows:
        happened = rest[: len(SUMS) + 2]
        if any(happened):
            figures.setdefault((MINUTE, at - at % MINUTE, queue, name), Figures()).add(happened)
    _keep(scope.db, figures)
    _amend(scope.db, figures)
    scope.db.folded(change(scope.db, FORGET, [row[0] for row in rows]))
    return len(rows)


def _count(db: Db, rows: Iterable[Row]) -> None:
    changes: Counter[tuple[str, str, int]] = Counter()
    for _, _, queue, name, *rest in rows:
        for state, by in enumerate(rest[len(SUMS) + 2 :], 1):
            if by:
                changes[queue, name, state] += by
    for key, by in sorted(changes.items()):
        if db.run(ADD, (by, *key)) == 0:
            db.run(NEW, (by, *key))


def _keep(db: Db, figures: dict[Key, Figures]) -> None:
    """Merge into the stored samples."""
    for key, one in figures.items():
        before = db.one(SAMPLE, key)
        if before is not None:
            one.add(before)
            db.run(DROP_SAMPLE, key)
        db.run(KEEP_SAMPLE, (*key, *one.row()))


def _amend(db: Db, figures: dict[Key, Figures]) -> None:
    """What comes late is added to the sums of its stretch of time, which were written when that was over."""
    newest = DatabaseShelf(db).newest(TEN) if figures else None
    late = [one.sample(key) for key, one in figures.items() if newest is not None and key[1] < newest + TEN]
    if late:
        amend(DatabaseShelf(db), late)


def gather(scope: Scope, retention: Retention) -> tuple[int, bool]:
    """Write the sums of what is over, where nothing waits to be folded: (how many, whether there is more)."""
    return roll(DatabaseShelf(scope.db), scope.now, retention) if scope.db.alone("fold") else (0, False)


def roll_up(scope: Scope, retention: Retention, limit: int = 500) -> int:
    """Minutes become hours, hours become days, days end; returns how many samples went into a coarser one."""
    if not scope.db.alone("fold"):
        return 0
    moved = 0
    for span, coarser, kept in ((MINUTE, HOUR, retention.minutes), (HOUR, DAY, retention.hours)):
        horizon = scope.now - kept
        figures: dict[Key, Figures] = {}
        rows = scope.db.all(OLD_SAMPLES, (span, horizon - horizon % coarser, limit))
        for _, at, queue, name, *rest in rows:
            figures.setdefault((coarser, at - at % coarser, queue, name), Figures()).add(rest)
            scope.db.run(DROP_SAMPLE, (span, at, queue, name))
        _keep(scope.db, figures)
        moved += len(rows)
    scope.db.run(TOO_OLD, (DAY, scope.now - retention.days))
    return moved
