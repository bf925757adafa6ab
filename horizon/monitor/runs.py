"""What became of each run of a schedule: its job, whether it came late, whether the one before still stood. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from horizon.backends.schedules import Schedule, ScheduleRun
from horizon.core.clock import SECOND, Micros
from horizon.core.record import Record
from horizon.core.states import TERMINAL
from horizon.timetable import planning

LATE: Micros = 30 * SECOND
"""Dispatched so much after its time, a run is late: nobody looked, or the store of its jobs did not answer."""
DISPATCHED = ("pushed", "by hand")
NOT_KEPT = "no longer kept"


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One line of history, judged."""

    run: ScheduleRun
    outcome: str
    """The state of its job; `no longer kept`; or `missed`, `skipped`, `refused`."""
    late: Micros = 0
    """How long after its time it was dispatched, where that is long."""
    over: str | None = None
    """The job of the run before, which had not ended when this one came."""


def judged(schedule: Schedule, runs: Sequence[ScheduleRun], jobs: Mapping[str, Record]) -> list[Told]:
    """Every run; they come newest first, and so do these. `jobs` are those that are still kept."""
    return [_judged(schedule, run, _before(runs[index + 1 :]), jobs) for index, run in enumerate(runs)]


def _before(older: Sequence[ScheduleRun]) -> ScheduleRun | None:
    return next((run for run in older if run.kind in DISPATCHED), None)


def _judged(schedule: Schedule, run: ScheduleRun, before: ScheduleRun | None, jobs: Mapping[str, Record]) -> Told:
    if run.kind not in DISPATCHED:
        return Told(run=run, outcome=run.kind)
    record = jobs.get(run.job or "")
    behind = run.at - planning.delayed(schedule, run.due_at) if run.kind == "pushed" else 0
    stood = before is not None and schedule.overlap == "allow" and _stood(jobs.get(before.job or ""), run.at)
    return Told(
        run=run,
        outcome=NOT_KEPT if record is None else str(record.state),
        late=behind if behind > LATE else 0,
        over=before.job if before is not None and stood else None,
    )


def _stood(record: Record | None, at: Micros) -> bool:
    """Whether a job had not ended by then; of one that is no longer kept nothing is known."""
    if record is None:
        return False
    return record.state not in TERMINAL or (record.finished_at or 0) > at
