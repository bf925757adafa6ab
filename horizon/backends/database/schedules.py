"""Schedules: found by when they are due, written where nobody was faster."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.backends.database.audit import keep
from horizon.backends.database.db import Db, change, fetch, insert
from horizon.backends.database.kernel.ledger import touch
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.store import Store
from horizon.backends.nouns import Schedules
from horizon.backends.schedules import (
    KEPT_RUNS,
    Schedule,
    ScheduleChange,
    ScheduleRun,
    due_of,
    from_text,
    run_from_text,
    run_to_text,
    to_text,
)
from horizon.core.clock import Micros

DUTY = "schedules"
READ = "SELECT document, version FROM horizon_schedule"
ONE = f"{READ} WHERE name = ?"
ALL = f"{READ} ORDER BY name"
DUE = f"{READ} WHERE next_at <= ? ORDER BY next_at, name LIMIT ?"
NEXT = "SELECT min(next_at) FROM horizon_schedule"
VERSIONS = "SELECT name, version FROM horizon_schedule WHERE name IN ({in})"
INSERT = insert("horizon_schedule", "document next_at version name")
UPDATE = "UPDATE horizon_schedule SET document = ?, next_at = ?, version = ? WHERE name = ?"
DELETE = "DELETE FROM horizon_schedule WHERE name = ?"
ADD_RUN = insert("horizon_schedule_run", "schedule document")
RUNS = "SELECT document FROM horizon_schedule_run WHERE schedule = ? ORDER BY seq DESC LIMIT ?"
OLD_RUNS = (
    "SELECT r.seq FROM (SELECT seq, row_number() OVER (PARTITION BY schedule ORDER BY seq DESC) AS nth FROM horizon_schedule_run "
    f"WHERE schedule IN ({{in}})) AS r WHERE r.nth > {KEPT_RUNS}"
)
TRIM_RUNS = "DELETE FROM horizon_schedule_run WHERE seq IN ({in})"
DELETE_RUNS = "DELETE FROM horizon_schedule_run WHERE schedule = ?"


class DatabaseSchedules(Schedules):
    """See `Schedules`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def write(self, changes: Sequence[ScheduleChange]) -> Sequence[bool]:
        """See `Schedules.write`."""

        def act(scope: Scope) -> list[bool]:
            scope.db.queue_up(DUTY)
            return _write(scope, changes)

        return self._store.act(act) if changes else []

    def get(self, name: str) -> Schedule | None:
        """See `Schedules.get`."""
        row = self._store.read_plainly(lambda db: db.one(ONE, (name,)))
        return None if row is None else from_text(row[0], row[1])

    def all(self) -> Sequence[Schedule]:
        """See `Schedules.all`."""
        return [from_text(*row) for row in self._store.read_plainly(lambda db: db.all(ALL))]

    def due(self, limit: int = 100) -> Sequence[Schedule]:
        """See `Schedules.due`."""
        now = self._store.now()
        return [from_text(*row) for row in self._store.read_plainly(lambda db: db.all(DUE, (now, limit)))]

    def next_at(self) -> Micros | None:
        """See `Schedules.next_at`."""
        ((found,),) = self._store.read_plainly(lambda db: db.all(NEXT))
        return None if found is None else int(found)

    def runs(self, name: str, limit: int = KEPT_RUNS) -> Sequence[ScheduleRun]:
        """See `Schedules.runs`."""
        return [run_from_text(text) for (text,) in self._store.read_plainly(lambda db: db.all(RUNS, (name, limit)))]


def _write(scope: Scope, changes: Sequence[ScheduleChange]) -> list[bool]:
    """In few statements, since hundreds may be due at the same moment."""
    names = {one.name for one in changes}
    if len(names) < len(changes):  # one comes twice: each change is made from what the one before left
        return [done for one in changes for done in _write(scope, [one])]
    versions: dict[str, int] = dict(fetch(scope.db, VERSIONS, sorted(names)))
    new: list[tuple[object, ...]] = []
    rows: list[tuple[object, ...]] = []
    done = []
    for one in changes:
        fits = versions.get(one.name, 0) == one.version
        done.append(fits)
        if not fits:
            continue
        if one.schedule is None:
            _remove(scope.db, one.name)
        else:
            (rows if one.version else new).append((to_text(one.schedule), due_of(one.schedule), one.version + 1, one.name))
        keep(scope, one.audit)
    scope.db.many(INSERT, new)
    scope.db.many(UPDATE, rows)
    _remember(scope.db, [one for one, fits in zip(changes, done, strict=True) if fits and one.schedule is not None and one.runs])
    if any(done):
        touch(scope.db, scope.now)
    return done


def _remove(db: Db, name: str) -> None:
    db.run(DELETE, (name,))
    db.run(DELETE_RUNS, (name,))


def _remember(db: Db, changes: Sequence[ScheduleChange]) -> None:
    db.many(ADD_RUN, [(one.name, run_to_text(run)) for one in changes for run in one.runs])
    old = fetch(db, OLD_RUNS, sorted({one.name for one in changes}))
    change(db, TRIM_RUNS, [seq for (seq,) in old])
