"""What comes in the next 24 hours, schedule by schedule and hour by hour. Pure.

Bounded: of an hour at most `MOST` times are worked out, so that what comes every second costs no more than what comes every
ten minutes; an hour with more is `full`. A plan is worked out once an hour, however many look: its times follow from its
text, its zone and the hour alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from horizon.backends.schedules import Schedule
from horizon.core.clock import HOUR, Micros
from horizon.core.errors import HorizonError
from horizon.timetable import planning
from horizon.timetable.cron import Times, parse

HOURS = 24
MOST = 6
"""Times of one hour that are told one by one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """The times of one plan in the hours from `start` on."""

    times: tuple[Micros, ...]
    """Those that are told one by one."""
    full: tuple[int, ...]
    """Hours, counted from 0, with more of them than that."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """One schedule in the next 24 hours."""

    schedule: Schedule
    words: str
    times: Sequence[Micros]
    full: Sequence[int]

    @property
    def first(self) -> Micros:
        """When it comes next, whether in these hours or later."""
        return self.schedule.next_at


def start_of(now: Micros, offset: Micros) -> Micros:
    """The full hour that goes on now where clocks are `offset` ahead of UTC: not every zone differs by whole hours."""
    return now - (now + offset) % HOUR


def day(schedule: Schedule, words: str, start: Micros, now: Micros) -> Day:
    """Its times from now until 24 hours after `start`, jitter included. A zone that this machine does not know has none."""
    try:
        found = plan(schedule.when, schedule.timezone, start)
    except HorizonError:
        return Day(schedule=schedule, words=words, times=(), full=())
    passed = (now - start) // HOUR
    times = [at for due in found.times if (at := planning.delayed(schedule, due)) >= now]
    return Day(schedule=schedule, words=words, times=times, full=[hour for hour in found.full if hour >= passed])


@lru_cache(maxsize=4000)
def plan(when: str, zone: str, start: Micros) -> Plan:
    """The times of a plan in the hours from `start` on. Raises InvalidOption where this machine does not know its time zone."""
    times, full = [], []
    for hour, found in _by_hour(parse(when, zone), start):
        if len(found) > MOST:
            full.append(hour)
        else:
            times += found
    return Plan(times=tuple(times), full=tuple(full))


def _by_hour(times: Times, start: Micros) -> Iterator[tuple[int, list[Micros]]]:
    """The hours that have any, each with its first times; an hour that is full is left for the next one at once."""
    end, after = start + HOURS * HOUR, start - 1
    while (found := times.after(after)) is not None and found < end:
        hour = (found - start) // HOUR
        until = start + (hour + 1) * HOUR
        yield hour, [at for at in islice(times.all_after(found - 1), MOST + 1) if at < until]
        after = until - 1
