"""Schedules: found by when they are due, written where nobody was faster."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.backends.database.audit import keep
from horizon.backends.database.db import Db, insert
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
VERSION = "SELECT version FROM horizon_schedule WHERE name = ?"
INSERT = insert("horizon_schedule", "document next_at version name")
UPDATE = "UPDATE horizon_schedule SET document = ?, next_at = ?, version = ? WHERE name = ?"
DELETE = "DELETE FROM horizon_schedule WHERE name = ?"
ADD_RUN = insert("horizon_schedule_run", "schedule document")
RUNS = "SELECT document FROM horizon_schedule_run WHERE schedule = ? ORDER BY seq DESC LIMIT ?"
OLDEST_KEPT = "SELECT seq FROM horizon_schedule_run WHERE schedule = ? ORDER BY seq DESC LIMIT ?"
TRIM_RUNS = "DELETE FROM horizon_schedule_run WHERE schedule = ? AND seq < ?"
DELETE_RUNS = "DELETE FROM horizon_schedule_run WHERE schedule = ?"


class DatabaseSchedules(Schedules):
    """See `Schedules`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def write(self, changes: Sequence[ScheduleChange]) -> Sequence[bool]:
        """See `Schedules.write`."""

        def act(scope: Scope) -> list[bool]:
            scope.db.queue_up(DUTY)
            return [_write(scope, change) for change in changes]

        return self._store.act(act) if changes else []

    def get(self, name: str) -> Schedule | None:
        """See `Schedules.get`."""
        row = self._store.read(lambda db: db.one(ONE, (name,)))
        return None if row is None else from_text(row[0], row[1])

    def all(self) -> Sequence[Schedule]:
        """See `Schedules.all`."""
        return [from_text(*row) for row in self._store.read(lambda db: db.all(ALL))]

    def due(self, limit: int = 100) -> Sequence[Schedule]:
        """See `Schedules.due`."""
        now = self._store.now()
        return [from_text(*row) for row in self._store.read(lambda db: db.all(DUE, (now, limit)))]

    def next_at(self) -> Micros | None:
        """See `Schedules.next_at`."""
        ((found,),) = self._store.read(lambda db: db.all(NEXT))
        return None if found is None else int(found)

    def runs(self, name: str, limit: int = KEPT_RUNS) -> Sequence[ScheduleRun]:
        """See `Schedules.runs`."""
        return [run_from_text(text) for (text,) in self._store.read(lambda db: db.all(RUNS, (name, limit)))]


def _write(scope: Scope, change: ScheduleChange) -> bool:
    row = scope.db.one(VERSION, (change.name,))
    if (0 if row is None else int(row[0])) != change.version:
        return False
    if change.schedule is None:
        scope.db.run(DELETE, (change.name,))
        scope.db.run(DELETE_RUNS, (change.name,))
    else:
        kept = (to_text(change.schedule), due_of(change.schedule), change.version + 1, change.name)
        scope.db.run(INSERT if row is None else UPDATE, kept)
        _remember(scope.db, change)
    keep(scope, change.audit)
    touch(scope.db, scope.now)
    return True


def _remember(db: Db, change: ScheduleChange) -> None:
    for run in change.runs:
        db.run(ADD_RUN, (change.name, run_to_text(run)))
    kept = db.all(OLDEST_KEPT, (change.name, KEPT_RUNS)) if change.runs else []
    if len(kept) == KEPT_RUNS:
        db.run(TRIM_RUNS, (change.name, int(kept[-1][0])))
