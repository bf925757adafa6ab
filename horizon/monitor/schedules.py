"""What people see of schedules: how each fares, when it comes next, what became of its last job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from horizon.backends.base import Backend
from horizon.backends.schedules import CODE, Schedule, ScheduleRun
from horizon.core.clock import SECOND, Micros
from horizon.core.errors import HorizonError
from horizon.core.record import Record
from horizon.monitor.runs import Told, judged
from horizon.timetable import planning
from horizon.timetable.cron import parse
from horizon.timetable.declared import settled
from horizon.timetable.wanted import Declared

AHEAD = 5
"""Times to come that are shown."""
OVERDUE: Micros = 60 * SECOND
"""So late that nobody can be dispatching."""
LEADER = "leader"
RECENT = 20
"""Runs of each schedule that a list shows."""


class Stored(Protocol):
    """Who is asked about what is stored."""

    def backend(self, connection: str | None = None) -> Backend:
        """The store of a connection; None: the default one."""

    def everywhere(self) -> Backend:
        """Every store as one."""


class Scheduled(planning.Settled, Stored, Protocol):
    """What is needed of a runtime."""

    schedules: Declared


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One schedule, as it stands."""

    schedule: Schedule
    words: str
    """When it comes, in words; why that is not known, where its time zone is unknown here."""
    last: Record | None
    """Its last job, while that is kept."""
    overdue: bool

    @property
    def next(self) -> Micros | None:
        """When it comes next, jitter included; None while it rests."""
        return None if self.schedule.rests else self.schedule.next_at

    def ahead(self) -> Sequence[Micros]:
        """The next times, worked out anew."""
        if self.schedule.rests:
            return []
        try:
            later = planning.times_of(self.schedule).following(self.schedule.due_at, AHEAD - 1)
        except HorizonError:
            return []
        return [self.schedule.next_at, *(planning.delayed(self.schedule, due) for due in later)]

    @property
    def state(self) -> str:
        """`gone` from the code, `paused`, `overdue` or `active`."""
        if self.schedule.gone:
            return "gone"
        return "paused" if self.schedule.paused else "overdue" if self.overdue else "active"

    @property
    def editable(self) -> bool:
        """Whether a person may change or remove it: what the code says is changed there."""
        return self.schedule.source != CODE


@dataclass(frozen=True, kw_only=True, slots=True)
class Board:
    """All of them."""

    rows: Sequence[Row]
    problems: Mapping[str, str]
    """Schedules of the code that cannot be used, and why."""
    led: bool
    """Whether some process dispatches."""


def board(runtime: Scheduled, stores: Stored | None = None) -> Board:
    """Every schedule by name: those of the store, and those of the code that nobody has stored yet. Raises BackendUnavailable.

    `stores`: who is asked about what is stored, where not the runtime itself; likewise below.
    """
    stores = stores or runtime
    store = stores.backend()
    kept = {one.name: one for one in store.schedules.all()}
    fresh, problems = unstored(runtime, kept, store.now())
    schedules = sorted([*kept.values(), *fresh], key=lambda one: one.name)
    led = store.locks.read(LEADER) is not None
    return Board(rows=_rows(stores, schedules, store.now()), problems=problems, led=led)


def one(runtime: Scheduled, name: str, stores: Stored | None = None) -> Row | None:
    """One of them, None where there is none."""
    stores = stores or runtime
    found, now = find(runtime, name, stores), stores.backend().now()
    return None if found is None else _rows(stores, [found], now)[0]


def find(runtime: Scheduled, name: str, stores: Stored | None = None) -> Schedule | None:
    """A schedule as it is kept; of the code's also one that nobody has stored yet (version 0)."""
    store = (stores or runtime).backend()
    kept = store.schedules.get(name)
    if kept is not None:
        return kept
    fresh, _ = unstored(runtime, {}, store.now(), only=name)
    return fresh[0] if fresh else None


def unstored(
    runtime: Scheduled, kept: Mapping[str, Schedule], now: Micros, only: str | None = None
) -> tuple[list[Schedule], Mapping[str, str]]:
    """Schedules of the code that are not in the store, and the problems of those that cannot be."""
    missing = Declared()
    for name, wanted in runtime.schedules.all().items():
        if name not in kept and only in (None, name):
            missing.take(name, wanted)
    said = settled(missing, runtime)
    return [planning.from_now(one, now) for one in said.schedules], said.problems


def _rows(stores: Stored, schedules: Sequence[Schedule], now: Micros) -> list[Row]:
    ids = list(dict.fromkeys(one.last_job for one in schedules if one.last_job))
    jobs = {record.id: record for at in range(0, len(ids), 1000) for record in stores.everywhere().many(ids[at : at + 1000])}
    return [_row(one, jobs.get(one.last_job or ""), now) for one in schedules]


def _row(schedule: Schedule, last: Record | None, now: Micros) -> Row:
    try:
        words = planning.times_of(schedule).words()
    except HorizonError as error:
        words = str(error)
    return Row(schedule=schedule, words=words, last=last, overdue=not schedule.rests and schedule.next_at < now - OVERDUE)


def recent(stores: Stored, rows: Sequence[Row]) -> Mapping[str, Sequence[Told]]:
    """By schedule its latest runs and what became of them, the newest first."""
    store = stores.backend()
    runs = {row.schedule.name: store.schedules.runs(row.schedule.name, RECENT) for row in rows}
    jobs = _jobs(stores, [run for told in runs.values() for run in told])
    return {row.schedule.name: judged(row.schedule, runs[row.schedule.name], jobs) for row in rows}


def history(stores: Stored, schedule: Schedule) -> list[Told]:
    """Every run of one that is remembered, and what became of it, the newest first."""
    runs = stores.backend().schedules.runs(schedule.name)
    return judged(schedule, runs, _jobs(stores, runs))


def _jobs(stores: Stored, runs: Sequence[ScheduleRun]) -> Mapping[str, Record]:
    """The jobs of these runs, as far as they are still kept."""
    ids = list(dict.fromkeys(run.job for run in runs if run.job))
    return {record.id: record for at in range(0, len(ids), 1000) for record in stores.everywhere().many(ids[at : at + 1000])}


def preview(when: object, timezone: str, now: Micros) -> tuple[str, list[Micros]]:
    """A plan in words, and its next times. Raises InvalidOption."""
    times = parse(when, timezone)
    return times.words(), times.following(now, AHEAD)
