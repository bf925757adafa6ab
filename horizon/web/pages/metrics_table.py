"""The tables of the metrics page: a row for each class or queue, against the stretch before. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from horizon.core.errors import InvalidFilter
from horizon.monitor import trends
from horizon.monitor.measures import Sum
from horizon.monitor.trends import Trend
from horizon.web import words

ALIKE = 0.005
"""A figure that changed by less is as it was."""
ALIKE_TIMES = 0.105
"""Likewise of lengths: a percentile is known to within 5 %, so one step of its scale says nothing."""
MOST_TOLD = 9.995
"""Growth beyond it is told as `×12`."""
SELDOM = 0.0001
"""Jobs per minute below which how seldom exactly says nothing."""
MOST_TIMES = 999
"""What was next to nothing before is told as `×1,000+`: how many times exactly says nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One figure, and how it is told."""

    key: str
    label: str
    of: Callable[[Sum], float | None]
    """For throughput: how many; all else as told."""
    told: Callable[[float | None], str] = words.seconds
    worse: bool = True
    """Whether more of it is worse; else it is neither."""
    alike: float = ALIKE
    points: bool = False
    """It is a share, whose change is told in points."""
    optional: bool = False


def _ended(one: Sum) -> float:
    return one.completed + one.failed + one.cancelled


def _failure_rate(one: Sum) -> float | None:
    ended = one.completed + one.failed
    return one.failed / ended if ended else None


def _timing(at: int, percentile: str) -> Callable[[Sum], float | None]:
    return lambda one: getattr(one.timings[at], percentile)


_runtime, _wait = partial(_timing, 0), partial(_timing, 1)


def pace(value: float | None) -> str:
    """Jobs per minute: 62, 0.4, 0.02; one in a month is `<0.0001`."""
    if value and value < SELDOM:
        return f"<{SELDOM:.4f}"
    return f"{value:.2g}" if value and value < 0.95 else words.number(None if value is None else round(value, 1))


COLUMNS: tuple[Column, ...] = (
    Column(key="pace", label="Jobs/min", of=_ended, told=pace, worse=False),
    Column(key="failed", label="Failed", of=_failure_rate, told=words.percent, points=True),
    Column(key="p50", label="Runtime p50", of=_runtime("p50"), alike=ALIKE_TIMES),
    Column(key="p95", label="p95", of=_runtime("p95"), alike=ALIKE_TIMES),
    Column(key="p99", label="p99", of=_runtime("p99"), alike=ALIKE_TIMES, optional=True),
    Column(key="wait50", label="Wait p50", of=_wait("p50"), alike=ALIKE_TIMES, optional=True),
    Column(key="wait95", label="p95", of=_wait("p95"), alike=ALIKE_TIMES),
    Column(key="wait99", label="p99", of=_wait("p99"), alike=ALIKE_TIMES, optional=True),
    Column(key="memory", label="Memory", alike=0.02, of=lambda one: one.memory_kb or None, told=lambda kb: words.size(None if kb is None else round(kb)), optional=True),
)  # fmt: skip
BY_KEY: Mapping[str, Column] = {column.key: column for column in COLUMNS}
NAME, TOTAL = "name", "total"
"""Orders that are of no figure: by name, and the usual one: what ran longest in all comes first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What a table is sorted by. In an address: the key of a column, with `-` before it for the highest first."""

    key: str = TOTAL
    down: bool = True

    @property
    def spelt(self) -> str:
        """As in an address; empty for the order that nobody asked for."""
        return "" if self.key == TOTAL else ("-" if self.down else "") + self.key

    def after_click(self, key: str) -> str:
        """The order that the header of a column leads to: the other way round, or its own, figures highest first."""
        return Order(key=key, down=not self.down if key == self.key else key != NAME).spelt

    def sorted(self, rows: Mapping[str, Sum]) -> list[str]:
        """The names in this order; where there is no figure, last; those alike by name."""
        names = sorted(rows, key=lambda name: (name.lower(), name))
        if self.key == NAME:
            return names[::-1] if self.down else names
        of = BY_KEY[self.key].of if self.key in BY_KEY else lambda one: one.runtime.total
        figures = {name: value for name in names if (value := of(rows[name])) is not None}
        ranked = sorted(figures, key=lambda name: figures[name], reverse=self.down)
        return [*ranked, *(name for name in names if name not in figures)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """A figure, how it has changed, and whether that is good."""

    text: str
    change: str = ""
    tone: str = ""
    """`up-bad`, `down-good`, or empty."""
    optional: bool = False
    """Left out where there is little room."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A row."""

    name: str
    cells: tuple[Cell, ...]


def order_of(text: str) -> Order:
    """What `sort` asks for. Raises InvalidFilter for a column that is not there."""
    key = text.removeprefix("-")
    if text and key not in BY_KEY and key != NAME:
        raise InvalidFilter(
            f"metrics can be sorted by {NAME}, {', '.join(BY_KEY)}, with - before it for the highest first; got {text[:40]!r}"
        )
    return Order(key=key, down=text.startswith("-")) if text else Order()


def lines(names: Sequence[str], now: Mapping[str, Sum], before: Mapping[str, Sum], trend: Trend) -> list[Line]:
    """The rows of these names."""
    return [Line(name=name, cells=cells(now[name], before.get(name), trend)) for name in names]


def cells(now: Sum, before: Sum | None, trend: Trend) -> tuple[Cell, ...]:
    """Every figure, against that of the stretch before."""
    return tuple(_cell(column, now, before, trend) for column in COLUMNS)


def _cell(column: Column, now: Sum, before: Sum | None, trend: Trend) -> Cell:
    value, earlier = column.of(now), None if before is None else column.of(before)
    if column.key == "pace":  # the range goes on: its last step is shorter than those before
        value = None if value is None else value / max(trend.now.span.minutes, 1e-9)
        earlier = None if earlier is None else earlier / trend.minutes_before
    grown = points(value, earlier) if column.points else trends.change(value, earlier)
    if grown is None or abs(grown) < column.alike:
        return Cell(text=column.told(value), optional=column.optional)
    tone = ("up-bad" if grown > 0 else "down-good") if column.worse else ""
    return Cell(text=column.told(value), change=told_change(grown, column.points), tone=tone, optional=column.optional)


def points(now: float | None, before: float | None) -> float | None:
    """By how many hundredths a share has grown, as a share."""
    return None if now is None or before is None else now - before


def told_change(grown: float, in_points: bool = False) -> str:
    """`+12 %`, `−40 %`, `×12`, `×1,000+`; of shares `+1.2 pt`."""
    if grown > MOST_TIMES and not in_points:
        return f"×{MOST_TIMES + 1:,}+"
    if grown > MOST_TOLD and not in_points:
        return f"×{grown + 1:,.0f}"
    sign, size = "+" if grown > 0 else "−", abs(grown) * 100
    if in_points:
        return f"{sign}{size:.1f} pt"
    return f"{sign}{size:.0f} %"
