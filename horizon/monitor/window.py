"""The past hour, minute by minute. Pure: samples in, sums out.

Minutes that are over hardly change any more, so their sums are kept, and only the latest are read again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import is_

from horizon.backends.values import Sample
from horizon.core.clock import MINUTE, SECOND, Micros
from horizon.core.histogram import Histogram, merged
from horizon.monitor.measures import Sum

MINUTES = 60
AGAIN: Micros = 20 * SECOND
"""How often minutes are read again that are over; the latest of them is read each time."""
LATEST = 2
"""Minutes that are read each time."""
SETTLED: Micros = 3 * MINUTE
"""How far back figures may still change: a delta is folded into its minute within seconds, with room to spare."""


@dataclass(slots=True)
class Tally:
    """What happened in one minute: jobs that came and ended per queue, and how long attempts ran."""

    completed: dict[str, int] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)
    pushed: dict[str, int] = field(default_factory=dict)
    _ran: list[Histogram] = field(default_factory=list)
    _known: Callable[[], Sum] | None = None
    _sums: tuple[int, int, int] | None = None
    _p95: float | None = None

    @classmethod
    def together(cls, tallies: Sequence[Tally]) -> Tally:
        """The same minute of several stores as one."""
        completed, failed, pushed = (sum(one.sums[which] for one in tallies) for which in range(3))
        return cls(_ran=[one.runtime for one in tallies], _sums=(completed, failed, pushed))

    @property
    def runtime(self) -> Histogram:
        """How long attempts ran; added up when somebody looks, all of it at once."""
        if self._known is not None:
            self._ran[:], self._known = [self._known().runtime], None
        if len(self._ran) > 1:
            self._ran[:] = [merged(self._ran)]
        return self._ran[0] if self._ran else Histogram()

    @property
    def runtime_p95(self) -> float:
        """Seconds; 0 where nothing ran. Of a minute that is over it is reckoned once."""
        if self._p95 is None:
            self._p95 = self.runtime.percentile(95) or 0.0
        return self._p95

    @property
    def sums(self) -> tuple[int, int, int]:
        """Jobs that completed, failed and came, on all queues; of a minute that is over they are added up once."""
        if self._sums is None:
            self._sums = sum(self.completed.values()), sum(self.failed.values()), sum(self.pushed.values())
        return self._sums

    def add_up_with(self, known: Callable[[], Sum]) -> None:
        """Somebody knows all of this minute, and tells how long attempts ran for less."""
        self._known = known

    def add(self, sample: Sample) -> None:
        """Count a sample in."""
        if sample.completed:
            self.completed[sample.queue] = self.completed.get(sample.queue, 0) + sample.completed
        if sample.failed:
            self.failed[sample.queue] = self.failed.get(sample.queue, 0) + sample.failed
        if sample.pushed:
            self.pushed[sample.queue] = self.pushed.get(sample.queue, 0) + sample.pushed
        self._ran.append(sample.runtime)
        self._p95 = self._sums = None


EMPTY = Tally()
Sheet = Mapping[str, list[int]]
"""A figure for each minute, by queue; a queue on which nothing happened is left out."""


class Window:
    """Tallies of the past hour of one store."""

    def __init__(self) -> None:
        self.tallies: dict[Micros, Tally] = {}
        self.read_at: Micros | None = None
        self._whole_at: Micros | None = None
        """When all minutes were read that may still change."""
        self._older: tuple[dict[Micros, Tally], Histogram] = ({}, Histogram())
        """Minutes that do not change any more, and how long the attempts of these ran."""
        self._sheets: tuple[list[Tally], tuple[Sheet, Sheet]] = ([], ({}, {}))
        """Minutes but for the latest, and what was pushed and what ended in each of these."""

    def since(self, now: Micros) -> Micros:
        """From when on samples are needed to bring the window up to `now`."""
        first = first_minute(now)
        if self.read_at is None or self.read_at > now:
            return first
        if self._is_whole(now):
            return max(first, minute_of(now) - MINUTE)
        return max(first, minute_of(self.read_at - SETTLED))

    def _is_whole(self, now: Micros) -> bool:
        """Whether all that may still change was read a moment ago: then only the latest two minutes are."""
        return self._whole_at is not None and minute_of(now) <= self._whole_at <= now < self._whole_at + AGAIN

    def take(self, samples: Iterable[Sample], now: Micros, known: Mapping[Micros, Callable[[], Sum]] | None = None) -> None:
        """Bring the window up to `now` with all samples from `since(now)` on. `known`: all of some of these minutes, from whoever knows it."""
        since, first = self.since(now), first_minute(now)
        self.tallies = {minute: tally for minute, tally in self.tallies.items() if first <= minute < since}
        for sample in samples:
            if sample.minute >= since:
                self.tallies.setdefault(sample.minute, Tally()).add(sample)
        for minute, whole in (known or {}).items():
            if minute >= since and minute in self.tallies:
                self.tallies[minute].add_up_with(whole)
        self._whole_at = self._whole_at if self._is_whole(now) else now
        self.read_at = now

    def flows(self, now: Micros) -> tuple[Sheet, Sheet]:
        """How many jobs were pushed, and how many completed or failed, on each queue in each of the 60 minutes, oldest first.

        Most of them are the very same as a moment ago, and are looked through once.
        """
        tallies = [self.tallies.get(first_minute(now) + index * MINUTE, EMPTY) for index in range(MINUTES)]
        older, latest = tallies[:-LATEST], tallies[-LATEST:]
        if len(older) != len(self._sheets[0]) or not all(map(is_, older, self._sheets[0])):
            self._sheets = (older, sheets(older))
        pushed, ended = sheets(latest)
        return _after(self._sheets[1][0], pushed), _after(self._sheets[1][1], ended)

    def runtime(self) -> Histogram:
        """How long the attempts of the hour ran."""
        latest = minute_of(self.read_at or 0) - SETTLED
        older = {minute: tally for minute, tally in self.tallies.items() if minute < latest}
        if older != self._older[0]:
            self._older = (older, merged(tally.runtime for tally in older.values()))
        return merged([self._older[1], *(tally.runtime for minute, tally in self.tallies.items() if minute >= latest)])


def sheets(tallies: Sequence[Tally]) -> tuple[Sheet, Sheet]:
    """Jobs that were pushed, and jobs that completed or failed, on each queue in each of these minutes."""
    pushed: dict[str, list[int]] = {}
    ended: dict[str, list[int]] = {}
    for index, tally in enumerate(tallies):
        for sheet, figures in ((pushed, tally.pushed), (ended, tally.completed), (ended, tally.failed)):
            for queue, times in figures.items():
                sheet.setdefault(queue, [0] * len(tallies))[index] += times
    return pushed, ended


def _after(older: Sheet, latest: Sheet) -> Sheet:
    none, nothing = [0] * (MINUTES - LATEST), [0] * LATEST
    return {queue: older.get(queue, none) + latest.get(queue, nothing) for queue in {*older, *latest}}


def minute_of(at: Micros) -> Micros:
    """The start of the minute."""
    return at - at % MINUTE


def first_minute(now: Micros) -> Micros:
    """The start of the oldest of the 60 minutes shown, the current one included."""
    return minute_of(now) - (MINUTES - 1) * MINUTE


def rate(previous: float, current: float, now: Micros) -> float:
    """Jobs in the past 60 seconds: this minute's, and of the one before the share that is not over a minute ago."""
    return current + previous * (1 - (now % MINUTE) / MINUTE)
