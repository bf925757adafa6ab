"""Schedules: found by when they are due, written where nobody was faster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from horizon.backends.memory.kernel.store import Store
from horizon.backends.nouns import Schedules
from horizon.backends.schedules import KEPT_RUNS, Schedule, ScheduleChange, ScheduleRun, due_of
from horizon.core.clock import Micros


class MemorySchedules(Schedules):
    """See `Schedules`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def write(self, changes: Sequence[ScheduleChange]) -> Sequence[bool]:
        """See `Schedules.write`."""
        with self._store.act() as now:
            return [self._write(change, now) for change in changes]

    def _write(self, change: ScheduleChange, now: Micros) -> bool:
        kept = self._store.schedules.get(change.name)
        if (0 if kept is None else kept.version) != change.version:
            return False
        if change.schedule is None:
            self._store.schedules.pop(change.name, None)
            self._store.schedule_runs.pop(change.name, None)
        else:
            self._store.schedules[change.name] = replace(change.schedule, version=change.version + 1)
            runs = self._store.schedule_runs.setdefault(change.name, [])
            runs[:] = [*runs, *change.runs][-KEPT_RUNS:]
        self._store.keep(change.audit, now)
        self._store.changed()
        return True

    def get(self, name: str) -> Schedule | None:
        """See `Schedules.get`."""
        with self._store.act():
            return self._store.schedules.get(name)

    def all(self) -> Sequence[Schedule]:
        """See `Schedules.all`."""
        with self._store.act():
            return [self._store.schedules[name] for name in sorted(self._store.schedules)]

    def due(self, limit: int = 100) -> Sequence[Schedule]:
        """See `Schedules.due`."""
        with self._store.act() as now:
            return [one for _, one in self._by_time() if one.next_at <= now][:limit]

    def next_at(self) -> Micros | None:
        """See `Schedules.next_at`."""
        with self._store.act():
            return next((one.next_at for _, one in self._by_time()), None)

    def runs(self, name: str, limit: int = KEPT_RUNS) -> Sequence[ScheduleRun]:
        """See `Schedules.runs`."""
        with self._store.act():
            return self._store.schedule_runs.get(name, [])[::-1][:limit]

    def _by_time(self) -> list[tuple[tuple[Micros, str], Schedule]]:
        awake = [one for one in self._store.schedules.values() if due_of(one) is not None]
        return sorted((((one.next_at, one.name), one) for one in awake), key=lambda pair: pair[0])
