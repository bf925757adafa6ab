"""What was to be expected: from the same hour of the days before, or the same weekday of the weeks before. Pure.

The seasonal naive method takes the last value of the same season for the next one (Hyndman and Athanasopoulos, "Forecasting: Principles
and Practice", chapter 5.2). Here it is the median of the last few, so that one bad day moves nothing, and the spread is twice the median
absolute deviation from it, scaled to a standard deviation (1.4826; Rousseeuw and Croux, "Alternatives to the Median Absolute Deviation",
1993): about 95 of 100 values fall inside, where they vary as measurements do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import median

from horizon.core.clock import DAY, HOUR, Micros

SEASONS: Mapping[Micros, tuple[Micros, int]] = {HOUR: (DAY, 7), 6 * HOUR: (DAY, 7), DAY: (7 * DAY, 8)}
"""Step → after how long things look alike again, and how many such times are looked at. Minutes are not kept long enough."""
FEWEST = 4
"""With fewer earlier values nothing is said."""
SPREAD = 2 * 1.4826


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """How many were to be expected."""

    low: float
    middle: float
    high: float
    of: int
    """From so many earlier values."""


def expected(at: Micros, step: Micros, series: Mapping[Micros, float]) -> Expected | None:
    """For the step that begins then; None where too little is known of what was before."""
    if step not in SEASONS:
        return None
    season, times = SEASONS[step]
    values = [series[at - back * season] for back in range(1, times + 1) if at - back * season in series]
    if len(values) < FEWEST:
        return None
    middle = median(values)
    spread = SPREAD * median([abs(value - middle) for value in values])
    return Expected(low=max(0.0, middle - spread), middle=middle, high=middle + spread, of=len(values))


@lru_cache(maxsize=32)
def band(starts: tuple[Micros, ...], step: Micros, series: tuple[tuple[Micros, float], ...]) -> Sequence[Expected | None]:
    """For each of these steps, from the values of (beginning, value); those are the same until another step is over."""
    known = dict(series)
    return tuple(expected(at, step, known) for at in starts)


def reach(since: Micros, step: Micros) -> Micros:
    """From when on values are needed for what begins at `since`."""
    season, times = SEASONS[step]
    return since - season * times
