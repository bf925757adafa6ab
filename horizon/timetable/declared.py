"""Schedules that the code defines: `JobScheduler.schedule(...)`, and what becomes of them in a store.

Said at import time they hold for every app of the process; `runtime.schedules` adds what is said for one app alone.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from horizon.backends.schedules import CODE, Schedule, ScheduleChange
from horizon.core.audit import AuditEntry
from horizon.core.clock import Micros
from horizon.core.errors import HorizonError, InvalidOption
from horizon.timetable import planning
from horizon.timetable.planning import DEFINITION, Settled
from horizon.timetable.wanted import PROCESS, Declared, Wanted

ACTOR = "the code"
"""Who is said to have changed what a deployment changed."""
TIMES = ("when", "timezone", "jitter")
"""What makes its times anew where it differs."""


def declare(into: Declared, wanted: Wanted) -> None:
    """Take one up. The same said again (a module that is loaded twice) changes nothing.

    Raises InvalidInput and its children for what can be known to be wrong, and for another one of the same name.
    """
    planning.look_over(wanted)
    name = planning.title(wanted)
    before = into.all().get(name)
    if before is None:
        into.take(name, wanted)
    elif _said(before) != _said(wanted):
        raise InvalidOption(
            f"two schedules are named {name!r}: {before.when!r} and {wanted.when!r}; give one of them a name of its own: name=..."
        )


def _said(wanted: Wanted) -> tuple[object, ...]:
    target = wanted.target if isinstance(wanted.target, str) else planning.name_of(wanted.target)
    return (target, *(getattr(wanted, key) for key in Wanted.__slots__ if key not in ("target", "said_at")))


class JobScheduler:
    """Schedules in code, for every app of this process."""

    @staticmethod
    def schedule(
        target: object,
        when: object,
        params: Mapping[str, Any] | None = None,
        *,
        name: str | None = None,
        args: Mapping[str, Any] | None = None,
        options: Mapping[str, Any] | None = None,
        timezone: str | None = None,
        misfire: str = "once",
        catch_up: int = 10,
        overlap: str = "allow",
        jitter: object = None,
    ) -> None:
        """Dispatch a job by the clock: `JobScheduler.schedule(DailyReport, "0 0 * * *")`.

        `target`: a job class, a `@job` function or the registered name of either. `when`: cron, `@daily`, `every 30s`, seconds
        or a timedelta. `params`: arguments and options together; `args` and `options` say which is which. `timezone`: where its
        times are meant (HORIZON_TIMEZONE). `misfire`: of the times that passed while nobody looked, run the latest (`once`), the
        last `catch_up` of them (`all`) or none (`skip`). `overlap`: while the job before still waits or runs, `allow` another,
        `skip` it, or `queue` it behind that one. `jitter`: up to so many seconds later, the same in every process.
        Raises InvalidOption and its kind for what can never work.
        """
        declare(
            PROCESS,
            Wanted(
                target=target, when=when, params=params or {}, name=name, args=args or {}, options=options or {}, timezone=timezone,
                misfire=misfire, most=catch_up, overlap=overlap, jitter=jitter, said_at=_caller(),
            )
        )  # fmt: skip


def _caller() -> str:
    """Where `schedule` was called: a name that nobody bears is known only when all jobs are, far from that line."""
    frame = sys._getframe(2)
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


# what becomes of them -------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Settlement:
    """What the code of one app says now."""

    schedules: Sequence[Schedule]
    problems: Mapping[str, str]
    """By name, why a schedule cannot be used."""


def settled(declared: Declared, runtime: Settled) -> Settlement:
    """Every declared schedule as it is kept, and those that cannot be, with the reason."""
    found: list[Schedule] = []
    problems: dict[str, str] = {}
    for name, wanted in declared.all().items():
        try:
            found.append(planning.settle(wanted, runtime, source=CODE))
        except HorizonError as error:
            problems[name] = str(error) + (f" (it is said in {wanted.said_at})" if wanted.said_at else "")
    return Settlement(schedules=found, problems=problems)


def agree(kept: Mapping[str, Schedule], said: Settlement, now: Micros, *, whole: bool = True) -> list[ScheduleChange]:
    """What is to be written so that the store says what the code does. `whole`: what the code no longer has is marked so."""
    changes = [change for one in said.schedules if (change := _brought(kept.get(one.name), one, now)) is not None]
    named = {one.name for one in said.schedules} | set(said.problems)
    lost = [one for one in kept.values() if whole and one.source == CODE and not one.gone and one.name not in named]
    return changes + [_change(replace(one, gone=True), "lose schedule", "no longer in the code") for one in lost]


def _brought(kept: Schedule | None, said: Schedule, now: Micros) -> ScheduleChange | None:
    if kept is None:
        return _change(planning.from_now(replace(said, created_at=now), now), "define schedule", _told(said))
    if kept.source == CODE and not kept.gone and same(kept, said):
        return None
    made = replace(kept, source=CODE, gone=False, **{key: getattr(said, key) for key in DEFINITION})
    if kept.gone or any(getattr(kept, key) != getattr(said, key) for key in TIMES):
        made = planning.from_now(made, now)
    return _change(made, "define schedule", _told(said))


def same(one: Schedule, other: Schedule) -> bool:
    """Whether both say the same."""
    return all(getattr(one, key) == getattr(other, key) for key in DEFINITION)


def _told(schedule: Schedule) -> str:
    return f"{schedule.target}: {schedule.when} ({schedule.timezone})"


def _change(schedule: Schedule, verb: str, detail: str) -> ScheduleChange:
    audit = AuditEntry(actor=ACTOR, verb=verb, target=f"schedule:{schedule.name}", detail=detail)
    return ScheduleChange(name=schedule.name, version=schedule.version, schedule=schedule, audit=audit)
