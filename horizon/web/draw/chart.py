"""Charts as numbers for SVG paths. Pure. A plot is stretched to its card, so it holds bars and lines, never words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import groupby, pairwise

from horizon.core.clock import MINUTE
from horizon.monitor.figures import Minute
from horizon.web import words

WIDTH, HEIGHT = 600, 100
RING = 2 * math.pi * 26


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One minute of the chart in which something ended, for its hover text and the table."""

    at: int
    """Where it stands, the first is 0."""
    label: str
    completed: int
    failed: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Columns:
    """Stacked bars."""

    series: tuple[tuple[str, str, str], ...]
    """(name, class that gives the colour, path) of each series, the lowest first."""
    columns: tuple[Column, ...]
    count: int
    """Minutes, with those in which nothing ended."""
    top: tuple[int, ...]
    """Figures at the grid lines, from the highest down to 0."""
    times: tuple[str, ...]
    total: tuple[int, ...]
    """Sum of each series."""

    @property
    def empty(self) -> bool:
        """True where there is nothing to see."""
        return not any(self.total)


def nice_top(value: float, lines: int = 4) -> int:
    """The least round figure, divisible by `lines`, that is not below `value`."""
    step = max(1.0, value / lines)
    size = 10 ** math.floor(math.log10(step))
    return int(
        lines
        * next(
            size * factor for factor in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if size * factor >= step and size * factor == int(size * factor)
        )
    )


def throughput(minutes: Sequence[Minute], zone: tzinfo) -> Columns:
    """The past hour by outcome, failures at the foot where they stand out."""
    rows = [(minute.failed, minute.completed) for minute in minutes]
    named = (("failed", "s-failed"), ("completed", "s-completed"))
    step = WIDTH / max(1, len(rows))
    top = nice_top(max((sum(row) for row in rows), default=0))
    paths = [bars(rows, index, top, step) for index in range(len(named))]
    marks = [minutes[0].at + quarter * 15 * MINUTE for quarter in range(5)] if minutes else []
    return Columns(
        series=tuple((name, colour, path) for (name, colour), path in zip(named, paths, strict=True)),
        columns=tuple(
            Column(at=at, label=words.minute(minute.at, zone), completed=minute.completed, failed=minute.failed)
            for at, minute in enumerate(minutes)
            if minute.completed or minute.failed
        ),
        count=len(rows),
        top=tuple(top * line // 4 for line in (4, 3, 2, 1, 0)),
        times=tuple(words.minute(at, zone) for at in marks),
        total=tuple(sum(row[index] for row in rows) for index in range(len(named))),
    )


def bars(rows: Sequence[tuple[int, ...]], index: int, top: int, step: float) -> str:
    """One series of stacked bars, standing on those before it; `step` is the width of a column."""
    drawn = []
    for at, row in enumerate(rows):
        if not row[index]:
            continue
        foot = HEIGHT - sum(row[:index]) / top * HEIGHT
        height = max(0.8, row[index] / top * HEIGHT)
        left, wide, tall = (f"{round(value, 1):g}" for value in (at * step + step * 0.12, step * 0.76, height))
        drawn.append(f"M{left} {foot:.4g}v-{tall}h{wide}v{tall}z")
    return "".join(drawn)


def spark(values: Sequence[float], buckets: int = 30) -> tuple[int, str]:
    """(width of its box, path) of a small trend; the box is 48 high, and of width 0 where there is nothing to see.

    One path is line and area: it comes in from beyond the left edge and leaves beyond the right one, where nobody sees it. It
    goes step by step from where it stands, for that is short, and a page has many of them.
    """
    merged = _merged(values, buckets)
    top = max(merged, default=0)
    if top <= 0 or len(merged) < 2:
        return 0, ""
    heights = [round(46 - value / top * 40) for value in merged]
    path = [f"M-1 50V{heights[0]}H0"]
    for height, run in groupby(after - before for before, after in pairwise(heights)):
        steps = len(list(run))
        path.append(f"l1 {height}" * steps if height else f"h{steps}")
    return len(heights) - 1, "".join([*path, "h1V50"])


def _merged(values: Sequence[float], buckets: int) -> list[float]:
    if len(values) <= buckets:
        return list(values)
    size = len(values) / buckets
    return [sum(values[int(index * size) : int((index + 1) * size)]) for index in range(buckets)]


def ring(score: int) -> str:
    """The dashes of the arc that shows a score from 0 to 100."""
    arc = RING * max(0, min(100, score)) / 100
    return f"{arc:.1f} {RING - arc + 1:.1f}" if score else f"0 {RING:.1f}"


def verdict(score: int) -> tuple[str, str]:
    """(word, class) for a score."""
    for least, word, colour in ((90, "Good", "s-completed"), (70, "Fair", "s-scheduled"), (40, "Strained", "s-retrying")):
        if score >= least:
            return word, colour
    return "Poor", "s-failed"
