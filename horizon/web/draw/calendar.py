"""The next 24 hours of schedules as marks and bands for SVG, and the same in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from horizon.core.clock import HOUR, Micros
from horizon.monitor.calendar import HOURS, Day
from horizon.web import words

WIDTH, HEIGHT = 960, 20
MARK = 3
TOLD = 6
"""Times that are told one by one in words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One schedule."""

    name: str
    words: str
    """When it comes, as a plan."""
    zone: str
    """The zone in which the plan is meant."""
    marks: str
    """A path with a mark for each run."""
    bands: str
    """A path with a band for each stretch in which it comes too often for marks."""
    told: str
    """Its runs in words."""
    next: Micros
    """When it comes next, in these hours or later."""


def hours(start: Micros, zone: tzinfo) -> list[str]:
    """What stands above each hour, in the viewer's zone: on the days on which clocks change, one is left out or comes twice."""
    return [f"{words.local(start + hour * HOUR, zone):%H}" for hour in range(HOURS)]


def row(day: Day, start: Micros, zone: tzinfo) -> Row:
    """One schedule as it is drawn."""
    step = WIDTH / HOURS
    marks = [f"M{(at - start) / HOUR * step - MARK / 2:.0f} 3h{MARK}v{HEIGHT - 6}h-{MARK}z" for at in day.times]
    bands = [
        f"M{first * step:.0f} 6h{(last - first) * step:.0f}v{HEIGHT - 12}h-{(last - first) * step:.0f}z"
        for first, last in stretches(day.full)
    ]
    return Row(
        name=day.schedule.name,
        words=day.words,
        zone=day.schedule.timezone,
        marks="".join(marks),
        bands="".join(bands),
        told=told(day, start, zone),
        next=day.first,
    )


def stretches(hours: Sequence[int]) -> list[tuple[int, int]]:
    """Hours in a row as (first, the one after the last)."""
    found: list[tuple[int, int]] = []
    for hour in hours:
        if found and found[-1][1] == hour:
            found[-1] = (found[-1][0], hour + 1)
        else:
            found.append((hour, hour + 1))
    return found


def told(day: Day, start: Micros, zone: tzinfo) -> str:
    """02:00, 14:00 and 3 more; often from 09:00 to 17:00. What clocks leave out as they go forward has no moment and is not told."""
    said = [", ".join(_minute(at, zone) for at in day.times[:TOLD])] if day.times else []
    if len(day.times) > TOLD:
        said[0] += f" and {len(day.times) - TOLD} more"
    for first, last in stretches(day.full):
        whole = last - first >= HOURS - 1
        said.append("often, all day" if whole else f"often from {_hour(start, first, zone)} to {_hour(start, last, zone)}")
    return "; ".join(said) or "not in these hours"


def _hour(start: Micros, hour: int, zone: tzinfo) -> str:
    return _minute(start + hour * HOUR, zone)


def _minute(at: Micros, zone: tzinfo) -> str:
    """02:30; in the hour that comes twice as clocks go back, which of the two: 02:30 CEST."""
    moment = words.local(at, zone)
    twice = moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()
    return f"{moment:%H:%M %Z}" if twice else f"{moment:%H:%M}"
