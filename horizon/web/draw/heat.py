"""How long attempts ran over time, as a map: a column for each step, a row for each length, darker where there were more. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

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
    shades = tuple(_cells(columns, low, high, level, most) for level in range(LEVELS))
    total: Counter[int] = sum((Counter(column) for column in columns), Counter())
    usual = total.most_common(1)[0][0]
    return Heat(
        shades=shades,
        ticks=tuple(bound(row) for row in (high, (low + high) // 2, low)),
        most=most,
        usual=f"{bound(usual)} to {bound(usual + 1)}",
    )


def rows_of(buckets: dict[int, int]) -> Counter[int]:
    """Row → how many attempts; a bucket of the histogram is where its middle is."""
    found: Counter[int] = Counter()
    for index, count in buckets.items():
        found[row_of(index)] += count
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


def _cells(columns: Sequence[Counter[int]], low: int, high: int, level: int, most: int) -> str:
    """The cells of one shade; those beside each other as one."""
    wide, tall = WIDTH / max(1, len(columns)), HEIGHT / (high - low)
    drawn = []
    for row in range(low, high):
        hit = [bool(column[row]) and level_of(column[row], most) == level for column in columns]
        for first, length in _runs(hit):
            drawn.append(f"M{first * wide:.1f} {(high - row - 1) * tall:.1f}h{length * wide:.1f}v{tall:.1f}h-{length * wide:.1f}z")
    return "".join(drawn)


def _runs(hit: Sequence[bool]) -> list[tuple[int, int]]:
    """(first, how many) of each stretch of hits."""
    found: list[tuple[int, int]] = []
    for at, one in enumerate(hit):
        if one and found and sum(found[-1]) == at:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        elif one:
            found.append((at, 1))
    return found
