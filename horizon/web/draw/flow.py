"""Charts of one queue over time: what came and what ended as bars and a line, and how long jobs waited. Pure.

Like every plot it is stretched to its card, so it holds bars and lines, never words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import lru_cache

from horizon.core.clock import DAY, HOUR, SECOND, Micros
from horizon.monitor.history import Range, Step
from horizon.web import words
from horizon.web.draw.chart import HEIGHT, WIDTH, bars, nice_top

NICE_SECONDS = (
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 4, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 2 * 3600, 4 * 3600,
    12 * 3600, 86_400, 2 * 86_400, 4 * 86_400, 10 * 86_400, 20 * 86_400, 40 * 86_400, 100 * 86_400,
)  # fmt: skip
"""Tops of an axis of durations."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """One step of the chart in which something came or ended, for its hover text and the table."""

    at: int
    """Where it stands, the first is 0."""
    label: str
    entered: int
    completed: int
    failed: int
    depth: int
    """Jobs that waited or ran at its end."""
    wait: float | None
    """How long 95 of 100 jobs that started had waited at the most, in seconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Flow:
    """Everything two charts with one axis of time need."""

    marks: tuple[Mark, ...]
    count: int
    """Steps, with those in which nothing happened."""
    failed: str
    completed: str
    """Bars of what ended, failures at the foot."""
    entered: str
    """The line of what came."""
    top: tuple[int, ...]
    depth: str
    """The line of jobs that waited or ran."""
    deepest: tuple[int, ...]
    """Jobs at its grid lines, from the highest down to 0."""
    waits: str
    """The line of waits; it breaks where no job started."""
    longest: tuple[float, ...]
    """Seconds at its grid lines, from the highest down to 0."""
    times: tuple[str, ...]
    totals: tuple[int, int, int]
    """Entered, completed, failed."""

    @property
    def empty(self) -> bool:
        """True where nothing came and nothing ended."""
        return not any(self.totals)


def flow(steps: Sequence[Step], depth: Sequence[int], over: Range, zone: tzinfo) -> Flow:
    """The charts of these steps; `depth` has a figure for each."""
    width = WIDTH / max(1, len(steps))
    rows = [(step.failed, step.completed) for step in steps]
    top = nice_top(max((max(step.entered, step.failed + step.completed) for step in steps), default=0))
    waits = [step.wait.percentile(95) for step in steps]
    slowest = max([wait or 0 for wait in waits], default=0)
    longest = next((nice for nice in NICE_SECONDS if nice >= slowest), NICE_SECONDS[-1])
    deepest = nice_top(max(depth, default=0), 2)
    return Flow(
        marks=tuple(
            Mark(
                at=at, label=when(step.at, over.span, zone),
                entered=step.entered, completed=step.completed, failed=step.failed, depth=deep, wait=wait,
            )
            for at, (step, deep, wait) in enumerate(zip(steps, depth, waits, strict=True))
            if step.entered or step.completed or step.failed
        ),
        count=len(steps),
        failed=bars(rows, 0, top, width),
        completed=bars(rows, 1, top, width),
        entered=line([step.entered for step in steps], top),
        top=tuple(top * quarter // 4 for quarter in (4, 3, 2, 1, 0)),
        depth=line(depth, deepest),
        deepest=(deepest, deepest // 2, 0),
        waits=line(waits, longest),
        longest=(longest, longest / 2, 0.0),
        times=tuple(when(steps[index * (len(steps) - 1) // 4].at, over.span, zone) for index in range(5)) if steps else (),
        totals=(sum(step.entered for step in steps), sum(step.completed for step in steps), sum(step.failed for step in steps)),
    )  # fmt: skip


def line(values: Sequence[float | None], top: float) -> str:
    """A path through the middles of the steps; it begins anew after a step without a value, and one alone is a dot."""
    width = WIDTH / max(1, len(values))
    drawn, before = [], False
    for index, value in enumerate(values):
        if value is None:
            before = False
            continue
        at = f"{(index + 0.5) * width:.1f} {HEIGHT - min(value / top, 1) * HEIGHT:.1f}"
        drawn.append(f"L{at}" if before else f"M{at}h0.1")
        before = True
    return "".join(drawn)


@lru_cache(maxsize=1024)
def when(at: Micros, span: Micros, zone: tzinfo) -> str:
    """The name of a step: 14:03, Sun 14:00, 22 Nov."""
    if span >= DAY:
        moment = words.local(at, zone)
        return f"{moment.day} {moment:%b}"
    return words.minute(at, zone) if span <= HOUR else f"{words.local(at, zone):%a %H:%M}"


def told(seconds: float) -> str:
    """A duration at a grid line."""
    return "0" if not seconds else words.duration(round(seconds * SECOND))
