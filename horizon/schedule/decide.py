"""What becomes of a schedule whose time has come: which times get a job, how many passed without one, when it comes next. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from horizon.backends.schedules import Schedule
from horizon.core.clock import SECOND, Micros
from horizon.timetable import planning

GRACE: Micros = 60 * SECOND
"""With `skip`, a time that is over for no longer than this still gets its job: so long may a change of leader take."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """The decision."""

    times: Sequence[Micros]
    """Those that get a job, in their order."""
    missed: int
    """How many others passed."""
    exact: bool
    """Whether these are all that did; else there were at least so many."""
    next: Micros | None


def decide(schedule: Schedule, now: Micros) -> Due:
    """For a schedule that is due. Raises InvalidOption where this machine does not know its time zone."""
    times = planning.times_of(schedule)
    most = schedule.most if schedule.misfire == "all" else 1
    passed = times.passed(schedule.due_at, now, most + 1)
    latest, count = list(passed.latest), passed.count
    if len(latest) > 1 and planning.delayed(schedule, latest[-1]) > now:  # its jitter is not over yet
        latest.pop()
        count -= 1
    wanted = latest[-most:]
    if schedule.misfire == "skip" and now - planning.delayed(schedule, wanted[-1]) > GRACE:
        wanted = []
    return Due(times=wanted, missed=count - len(wanted), exact=passed.exact, next=times.after(latest[-1]))
