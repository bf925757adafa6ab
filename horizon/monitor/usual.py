"""What is usual for the jobs of a class: how long they ran in the past day, and how much memory their processes had.

So that somebody who looks at one that runs can tell whether it is late. It changes slowly, so it is read once a minute.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from horizon.backends.base import Backend
from horizon.core.clock import DAY, HOUR, SECOND, Micros, monotonic
from horizon.core.histogram import GROWTH, Histogram
from horizon.monitor.chosen import Choice, Chosen
from horizon.monitor.past import Past
from horizon.monitor.span import Span

SPAN = DAY
GOOD_FOR = 60.0
"""Seconds."""
MOST = 256
"""Classes that are remembered."""
ENOUGH = 5
"""Runs from which on anything is called usual."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Usual:
    """The runs of one class over a day."""

    runtime: Histogram = field(default_factory=Histogram)
    memory_kb: int = 0
    """The peak."""

    @property
    def known(self) -> bool:
        """Whether there were enough runs to say anything."""
        return self.runtime.count >= ENOUGH

    @property
    def p50(self) -> Micros:
        """Half of the runs were over by then."""
        return self._at(50)

    @property
    def p95(self) -> Micros:
        """95 of a hundred were."""
        return self._at(95)

    def _at(self, q: float) -> Micros:
        return round((self.runtime.percentile(q) or 0) * SECOND)

    def shorter(self, elapsed: Micros) -> float:
        """The share of the runs, 0 to 1, that were over after so long."""
        if not self.runtime.count:
            return 0.0
        over = sum(times for index, times in self.runtime.buckets.items() if GROWTH ** (index + 0.5) <= elapsed)
        return over / self.runtime.count


def usual(store: Backend, name: str) -> Usual:
    """Of one class, from what happened since the hour that began a day ago. Raises BackendUnavailable."""
    now = store.now()
    over = Span(since=(now - SPAN) // HOUR * HOUR, until=now, step=HOUR, open=True)
    found = Past().total(Chosen(numbers=store.numbers, choice=Choice(names=(name,))), over, now)
    return Usual(runtime=found.runtime, memory_kb=found.memory_kb)


class Usuals:
    """What is usual, by connection and class. Thread-safe; one to a process."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._kept: OrderedDict[tuple[str, str], tuple[float, Usual]] = OrderedDict()

    def of(self, store: Backend, connection: str, name: str) -> Usual:
        """As it was at most a minute ago."""
        key, now = (connection, name), self._clock()
        with self._lock:
            at, found = self._kept.get(key, (float("-inf"), Usual()))
        if now - at < GOOD_FOR:
            return found
        found = usual(store, name)
        with self._lock:
            self._kept[key] = (now, found)
            self._kept.move_to_end(key)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return found
