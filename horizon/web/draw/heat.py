"""How long attempts ran over time, as a map: a column for each step, a row for each length, darker where there were more. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from horizon.core.histogram import GROWTH
from horizon.monitor.measures import Sum
from horizon.web.draw.chart import HEIGHT, WIDTH
from horizon.web.draw.flow import told

BOUNDS = tuple(
    [round(size * factor, 6) for size in (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0) for factor in (1, 2, 5)]
    + [10, 20, 60, 120, 300, 600, 1800, 3600, 7200, 6 * 3600, 86_400, 7 * 86_400, 30 * 86_400]
)
"""Lengths in seconds at which a row begins; the last goes on for ever."""
LEVELS = 5
"""Shades."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Heat:
    """The map: for each shade, the faintest first, the cells that have it; and the lengths at its foot, middle and top."""

    shades: tuple[str, ...]
    ticks: tuple[str, ...]
    most: int
    """Attempts in the darkest cell."""
    usual: str = ""
    """The row with most attempts: its two bounds as words; empty where nothing ran."""

    @property
    def empty(self) -> bool:
        """Whether nothing ran."""
        return not self.most


def heat(steps: Sequence[Sum]) -> Heat:
    """How long attempts ran in each of these steps."""
    columns = [rows_of(one.runtime.buckets) for one in steps]
    used = {row for column in columns for row in column}
    if not used:
        return Heat(shades=("",) * LEVELS, ticks=(), most=0)
    low, high = min(used), max(used) + 1
    high += (high - low) % 2  # so that there is a bound in the middle
    most = max(count for column in columns for count in column.values())
    total: Counter[int] = Counter()
    for column in columns:
        total.update(column)
    usual = total.most_common(1)[0][0]
    return Heat(
        shades=_shades(columns, low, high, most),
        ticks=tuple(bound(row) for row in (high, (low + high) // 2, low)),
        most=most,
        usual=f"{bound(usual)} to {bound(usual + 1)}",
    )


def rows_of(buckets: Mapping[int, int]) -> dict[int, int]:
    """Row → how many attempts; a bucket of the histogram is where its middle is."""
    found: dict[int, int] = {}
    for index, count in buckets.items():
        row = row_of(index)
        found[row] = found.get(row, 0) + count
    return found


@cache
def row_of(bucket: int) -> int:
    """The row of a bucket."""
    seconds = GROWTH ** (bucket + 0.5) / 1e6
    return max(0, len([bound for bound in BOUNDS if bound <= seconds]) - 1)


def bound(row: int) -> str:
    """Where a row begins, in words."""
    return told(BOUNDS[row]) if row < len(BOUNDS) else "…"


def level_of(count: int, most: int) -> int:
    """The shade of a cell: by the root of its share, so that few are seen beside many."""
    return min(LEVELS - 1, math.ceil(math.sqrt(count / most) * LEVELS) - 1)


def _shades(columns: Sequence[Mapping[int, int]], low: int, high: int, most: int) -> tuple[str, ...]:
    """The cells of each shade; those beside each other as one."""
    wide, tall = WIDTH / max(1, len(columns)), HEIGHT / (high - low)
    drawn: list[list[str]] = [[] for _ in range(LEVELS)]
    levels = [[-1] * len(columns) for _ in range(low, high)]
    for at, column in enumerate(columns):
        for row, count in column.items():
            levels[row - low][at] = level_of(count, most)
    for row, line in enumerate(levels, low):
        top, at = (high - row - 1) * tall, 0
        for level, few in groupby(line):
            first, at = at, at + len([*few])
            if level >= 0:
                long = (at - first) * wide
                drawn[level].append(f"M{first * wide:.1f} {top:.1f}h{long:.1f}v{tall:.1f}h-{long:.1f}z")
    return tuple("".join(cells) for cells in drawn)
