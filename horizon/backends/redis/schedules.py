"""Schedules: found by when they are due, written where nobody was faster."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.backends.nouns import Schedules
from horizon.backends.redis.store import Store, audit_of
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

DOCUMENTS, VERSIONS, DUE = "S", "Sv", "Sd"


class RedisSchedules(Schedules):
    """See `Schedules`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def write(self, changes: Sequence[ScheduleChange]) -> Sequence[bool]:
        """See `Schedules.write`."""
        told = [
            {
                "name": change.name,
                "version": change.version,
                "document": False if change.schedule is None else to_text(change.schedule),
                "next": False if change.schedule is None else _time(due_of(change.schedule)),
                "runs": [run_to_text(run) for run in change.runs],
                "audit": audit_of(change.audit),
            }
            for change in changes
        ]
        return [bool(done) for done in self._store.run("schedule_write", {"kept": KEPT_RUNS, "changes": told})] if changes else []

    def get(self, name: str) -> Schedule | None:
        """See `Schedules.get`."""
        found = self._read("one", name)
        return found[0] if found else None

    def all(self) -> Sequence[Schedule]:
        """See `Schedules.all`."""
        return sorted(self._read("all"), key=lambda one: one.name)

    def due(self, limit: int = 100) -> Sequence[Schedule]:
        """See `Schedules.due`."""
        return self._read("due", limit=limit)

    def next_at(self) -> Micros | None:
        """See `Schedules.next_at`."""
        found = self._store.link.call("ZRANGE", self._store.link.key(DUE), 0, 0, "WITHSCORES")
        return round(float(found[1])) if found else None

    def runs(self, name: str, limit: int = KEPT_RUNS) -> Sequence[ScheduleRun]:
        """See `Schedules.runs`."""
        key = self._store.link.key(f"Sr:{name}")
        return [run_from_text(text) for text in self._store.link.call("LRANGE", key, 0, limit - 1)]

    def _read(self, verb: str, name: str = "", limit: int = 0) -> list[Schedule]:
        flat = self._store.run("schedule_read", {"verb": verb, "name": name, "limit": limit}, safe=True)
        return [from_text(flat[at], int(flat[at + 1])) for at in range(0, len(flat), 2)]


def _time(at: Micros | None) -> str | bool:
    """A time as text: a script's JSON would round it."""
    return False if at is None else str(at)
