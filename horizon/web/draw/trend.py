"""Charts of a range step by step, with the stretch before as a faint line. Pure.

Like every plot they are stretched to their card, so they hold bars and lines, never words. Axes begin at 0 and end at a round
figure; a step in which nothing was measured is a gap, not a nought.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import cached_property, lru_cache

from horizon.core.clock import Micros
from horizon.monitor import trends
from horizon.monitor.forecast import Expected
from horizon.monitor.measures import Metrics, Timing
from horizon.monitor.trends import Trend
from horizon.web import words
from horizon.web.draw.chart import HEIGHT, WIDTH, nice_top
from horizon.web.draw.flow import NICE_SECONDS, told, when

OUTCOMES = (("failed", "s-failed"), ("completed", "s-completed"), ("cancelled", "s-cancelled"))
"""From the foot upwards: failures stand out there."""
SHARES = (0.01, 0.02, 0.04, 0.1, 0.2, 0.4, 1.0)
"""Tops of an axis of shares."""
PERCENTILES = (("p50", "k50"), ("p95", "k95"), ("p99", "k99"))
_ALONE = re.compile(r"M[\d.]+ [\d.]+h0(?=M|$)")
QUARTERS, HALVES = (4, 3, 2, 1, 0), (2, 1, 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Curve:
    """One line, or one colour of bars."""

    name: str
    colour: str
    path: str
    before: bool = False
    """Of the stretch before."""

    @property
    def dots(self) -> str:
        """Points of a line that have no neighbour: of themselves they would hardly be seen."""
        return "".join(_ALONE.findall(self.path))


@dataclass(frozen=True, kw_only=True, slots=True)
class Plot:
    """One chart. Its curves in the order in which they are drawn."""

    key: str
    ticks: tuple[str, ...]
    """Words at its grid lines, from the highest down to 0."""
    bars: tuple[Curve, ...] = ()
    lines: tuple[Curve, ...] = ()
    areas: tuple[Curve, ...] = ()
    """What was to be expected, behind the rest."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to see of the range itself."""
        return not any(curve.path for curve in (*self.bars, *self.lines) if not curve.before)


@dataclass(frozen=True, kw_only=True, slots=True)
class Axis:
    """The time that all charts of a page share."""

    starts: tuple[Micros, ...]
    labels: tuple[str, ...]
    times: tuple[str, ...]
    """Five of the labels, from the left to the right."""
    width: float
    """Of a column."""

    @property
    def open_at(self) -> float:
        """Where the column begins that still goes on."""
        return round(WIDTH - self.width, 1)

    def place(self, at: Micros, step: Micros) -> float | None:
        """Where a moment stands; None outside."""
        x = (at - self.starts[0]) / step * self.width
        return round(x, 1) if 0 <= x <= WIDTH else None


class Charts:
    """What happened, each chart of it drawn when somebody looks at it: a page shows two of five."""

    def __init__(self, trend: Trend, zone: tzinfo, expected: Sequence[Expected | None] = ()) -> None:
        """`expected`: how many jobs were to be expected to end in each step, and in the next."""
        self.axis = axis(trend, zone)
        self.steps: Sequence[Metrics] = trends.each(trend.now)
        self.expected = expected
        self._before, self._scale = _before(trend), trend.over.span / trend.before.span.step

    @cached_property
    def throughput(self) -> Plot:
        """What ended."""
        return throughput(self.steps, self._before, self._scale, self.expected[: len(self.steps)])

    @cached_property
    def failures(self) -> Plot:
        """The share that failed."""
        return failures(self.steps, self._before)

    @cached_property
    def runtime(self) -> Plot:
        """How long attempts ran."""
        return timing("runtime", self.steps, self._before, lambda one: one.runtime)

    @cached_property
    def wait(self) -> Plot:
        """How long jobs waited."""
        return timing("wait", self.steps, self._before, lambda one: one.wait)

    @cached_property
    def memory(self) -> Plot:
        """What processes used."""
        return memory(self.steps, self._before)

    def all(self) -> tuple[Plot, ...]:
        """Every one, in the order of the page."""
        return self.throughput, self.failures, self.runtime, self.wait, self.memory

    def filled(self) -> list[str]:
        """The keys of those in which there is something to see of the range itself; none has to be drawn for that."""
        steps = self.steps
        found = {
            "throughput": any(one.failed or one.completed or one.cancelled for one in steps),
            "failures": any(one.failure_rate is not None for one in steps),
            "runtime": any(one.runtime.p50 is not None for one in steps),
            "wait": any(one.wait.p50 is not None for one in steps),
            "memory": any(one.peak_memory_mb is not None for one in steps),
        }
        return [key for key, is_filled in found.items() if is_filled]


def _before(trend: Trend) -> list[Metrics | None]:
    """The steps of the stretch before; nothing where nothing was counted yet."""
    first = trends.first_of(trend.before.steps)
    return [None if first is None or at < first else one for at, one in enumerate(trends.each(trend.before))]


def axis(trend: Trend, zone: tzinfo) -> Axis:
    """The steps by name."""
    starts, span = tuple(trend.now.span.starts), trend.over.span
    labels = tuple(when(at, span, zone) for at in starts)
    few = tuple(labels[at * (len(labels) - 1) // 4] for at in range(5)) if len(labels) > 4 else labels
    return Axis(starts=starts, labels=labels, times=few, width=round(WIDTH / max(1, len(starts)), 3))


def throughput(steps: Sequence[Metrics], before: Sequence[Metrics | None], scale: float, expected: Sequence[Expected | None] = ()) -> Plot:
    """What ended, by outcome; of the stretch before all of it, in steps of the same length (`scale` of its own)."""
    rows = [(one.failed, one.completed, one.cancelled) for one in steps]
    earlier = [None if one is None else (one.ended + one.cancelled) * scale for one in before]
    likely = [one.high for one in expected if one is not None]
    top = nice_top(max([*(sum(row) for row in rows), *(value or 0 for value in earlier), *likely], default=0))
    width = WIDTH / max(1, len(rows))
    drawn = [Curve(name=name, colour=colour, path=posts(rows, at, top, width)) for at, (name, colour) in enumerate(OUTCOMES)]
    return Plot(
        key="throughput",
        ticks=tuple(words.compact(top * part // 4) for part in QUARTERS),
        bars=tuple(curve for curve in drawn if curve.path),
        lines=_faint(earlier, top),
        areas=(Curve(name="forecast", colour="expected", path=area(expected, top, width), before=True),) if likely else (),
    )


def failures(steps: Sequence[Metrics], before: Sequence[Metrics | None]) -> Plot:
    """The share of jobs that failed for good, of those that ended."""
    values, earlier = [one.failure_rate for one in steps], [None if one is None else one.failure_rate for one in before]
    most = _most(values, earlier)
    top = next(share for share in SHARES if share >= most)
    lines = (*_faint(earlier, top), Curve(name="failure rate", colour="s-failed", path=line(values, top)))
    return Plot(key="failures", ticks=tuple(words.percent(top * part / 2) for part in HALVES), lines=lines)


def timing(key: str, steps: Sequence[Metrics], before: Sequence[Metrics | None], of: Callable[[Metrics], Timing]) -> Plot:
    """How long something took: half of it, 95 and 99 of 100; of the stretch before 95 of 100."""
    values = {name: [getattr(of(one), name) for one in steps] for name, _ in PERCENTILES}
    earlier = [None if one is None else of(one).p95 for one in before]
    most = _most(*values.values(), earlier)
    top = next((nice for nice in NICE_SECONDS if nice >= most), NICE_SECONDS[-1])
    lines = (
        *_faint(earlier, top),
        *(Curve(name=name, colour=colour, path=line(values[name], top)) for name, colour in reversed(PERCENTILES)),
    )
    return Plot(key=key, ticks=tuple(told(top * part / 2) for part in HALVES), lines=lines)


def memory(steps: Sequence[Metrics], before: Sequence[Metrics | None]) -> Plot:
    """The most that a process had used by the end of an attempt."""
    values, earlier = [one.peak_memory_mb for one in steps], [None if one is None else one.peak_memory_mb for one in before]
    top = nice_top(_most(values, earlier), 2)
    lines = (*_faint(earlier, top), Curve(name="peak memory", colour="s-accent", path=line(values, top)))
    return Plot(key="memory", ticks=tuple("0" if not part else words.size(top * part // 2 * 1024) for part in HALVES), lines=lines)


def posts(rows: Sequence[Sequence[int]], index: int, top: float, width: float) -> str:
    """One series of stacked bars, each a stroke from its foot to its head; what is too low to be seen is a little higher."""
    drawn = []
    for at, row in enumerate(rows):
        if row[index]:
            foot = HEIGHT - sum(row[:index]) / top * HEIGHT
            drawn.append(f"M{_short((at + 0.5) * width)} {_short(foot)}v-{_short(max(0.8, row[index] / top * HEIGHT))}")
    return "".join(drawn)


def line(values: Sequence[float | None], top: float) -> str:
    """The path of these values; most of them are the same when a page asks again."""
    return _line(tuple(values), top)


def area(expected: Sequence[Expected | None], top: float, width: float) -> str:
    """Between the least and the most that was to be expected: a box for each column, those beside each other as one shape."""
    drawn: list[str] = []
    for at, one in enumerate(expected):
        if one is not None:
            high, low = (_short(round(HEIGHT - min(value / top, 1) * HEIGHT, 1)) for value in (one.high, one.low))
            drawn.append(f"M{_short(at * width)} {high}H{_short((at + 1) * width)}V{low}H{_short(at * width)}z")
    return "".join(drawn)


@lru_cache(maxsize=256)
def _line(values: tuple[float | None, ...], top: float) -> str:
    """A path through the middles of the steps; it begins anew after a step without a value, and one alone is a dot."""
    width = WIDTH / max(1, len(values))
    drawn: list[str] = []
    before: tuple[float, float] | None = None
    for index, value in enumerate(values):
        if value is None:
            before = None
            continue
        here = (round((index + 0.5) * width, 1), round(HEIGHT - min(value / top, 1) * HEIGHT, 1))
        if before is None:
            drawn.append(f"M{_short(here[0])} {_short(here[1])}h0")
        else:
            x, y = _short(here[0] - before[0]), _short(here[1] - before[1])
            drawn.append(f"l{x}{y if y.startswith('-') else ' ' + y}")
        before = here
    return "".join(drawn)


def _short(value: float) -> str:
    """With one digit behind the point, and no more characters than it takes."""
    return f"{value:.1f}".removesuffix(".0").replace("-0.", "-.").removeprefix("0" if 0 < value < 1 else "")


def _faint(values: Sequence[float | None], top: float) -> tuple[Curve, ...]:
    path = line(values, top)
    return (Curve(name="before", colour="faint-line", path=path, before=True),) if path else ()


def _most(*series: Sequence[float | None]) -> float:
    return max([value for values in series for value in values if value is not None], default=0.0)
