"""What happened over a stretch of time, added up from samples, and how it is told. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from horizon.backends.values import Sample
from horizon.core.clock import Micros, to_datetime
from horizon.core.histogram import Histogram, joined, merged
from horizon.monitor.span import Span

Pair = tuple[str, str]
"""Queue and class."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """How long something took, in seconds. The mean and the longest are exact, percentiles within 5 %.

    All but `count` are None where nothing was measured.
    """

    count: int = 0
    """How many were measured."""
    mean: float | None = None
    p50: float | None = None
    """Half of them took at most so long."""
    p95: float | None = None
    p99: float | None = None
    longest: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Metrics:
    """What happened to jobs of one class, of one queue, or to all, over a stretch of time."""

    name: str
    """The registered name of the class, or the queue; empty: all jobs."""
    since: datetime
    """Where the stretch begins (UTC): with the minute, hour or day that is kept for the time asked for."""
    until: datetime
    """Where it ends (UTC)."""
    pushed: int
    """Jobs that were stored."""
    completed: int
    """Jobs that ended well."""
    failed: int
    """Jobs that failed for good."""
    cancelled: int
    """Jobs that were cancelled, by people, by code, or with what they waited for."""
    retried: int
    """Attempts that failed and were to be made again."""
    runtime: Timing
    """How long attempts ran, however they ended."""
    wait: Timing
    """How long jobs could have started before they did, for each attempt that ran."""
    peak_memory_mb: float | None
    """The most memory a process had used by the end of an attempt, in MiB; None where nothing was measured."""

    @property
    def attempts(self) -> int:
        """How many attempts ran."""
        return self.runtime.count

    @property
    def ended(self) -> int:
        """Jobs that completed or failed for good."""
        return self.completed + self.failed

    @property
    def success_rate(self) -> float | None:
        """Completed jobs of those that ended, from 0 to 1; None where none ended."""
        return self.completed / self.ended if self.ended else None

    @property
    def failure_rate(self) -> float | None:
        """Failed jobs of those that ended, from 0 to 1; None where none ended."""
        return self.failed / self.ended if self.ended else None

    @property
    def throughput_per_minute(self) -> float:
        """Jobs that ended per minute, over the whole stretch."""
        minutes = (self.until - self.since).total_seconds() / 60
        return self.ended / minutes if minutes else 0.0

    @property
    def avg_execution_time(self) -> float | None:
        """Mean runtime of an attempt in seconds; None where none ran."""
        return self.runtime.mean

    @property
    def avg_wait_time(self) -> float | None:
        """Mean wait before an attempt in seconds; None where none ran."""
        return self.wait.mean

    @property
    def p50(self) -> float | None:
        """Runtime in seconds that half of the attempts kept within; None where none ran."""
        return self.runtime.p50

    @property
    def p95(self) -> float | None:
        """Runtime in seconds that 95 % of the attempts kept within; None where none ran."""
        return self.runtime.p95

    @property
    def p99(self) -> float | None:
        """Runtime in seconds that 99 % of the attempts kept within; None where none ran."""
        return self.runtime.p99


class Sum:
    """What samples come to. See `total`."""

    __slots__ = ("_timings", "cancelled", "completed", "failed", "memory_kb", "pushed", "retried", "runtime", "wait")

    def __init__(self) -> None:
        self.pushed = self.completed = self.failed = self.cancelled = self.retried = self.memory_kb = 0
        self.runtime, self.wait = Histogram(), Histogram()
        self._timings: tuple[Timing, Timing] | None = None

    @property
    def timings(self) -> tuple[Timing, Timing]:
        """Runtime and wait as people are told; reckoned once: whoever asks has a sum that does not change any more."""
        if self._timings is None:
            self._timings = timing(self.runtime), timing(self.wait)
        return self._timings

    def metrics(self, name: str, since: Micros, until: Micros) -> Metrics:
        """As people are told."""
        begin, end = to_datetime(since), to_datetime(until)
        assert begin is not None
        assert end is not None
        return Metrics(
            name=name,
            since=begin,
            until=end,
            pushed=self.pushed,
            completed=self.completed,
            failed=self.failed,
            cancelled=self.cancelled,
            retried=self.retried,
            runtime=self.timings[0],
            wait=self.timings[1],
            peak_memory_mb=round(self.memory_kb / 1024, 1) if self.memory_kb else None,
        )


def timing(of: Histogram) -> Timing:
    """A histogram as people are told."""
    p50, p95, p99 = of.percentiles((50, 95, 99))
    longest = of.peak / 1e6 if of.count else None
    return Timing(count=of.count, mean=of.mean, p50=p50, p95=p95, p99=p99, longest=longest)


def total(samples: Iterable[Sample | Sum]) -> Sum:
    """All of them."""
    few, made = list(samples), Sum()
    made.pushed = sum(one.pushed for one in few)
    made.completed = sum(one.completed for one in few)
    made.failed = sum(one.failed for one in few)
    made.cancelled = sum(one.cancelled for one in few)
    made.retried = sum(one.retried for one in few)
    made.memory_kb = max((one.memory_kb for one in few), default=0)
    made.runtime, made.wait = merged(one.runtime for one in few), merged(one.wait for one in few)
    return made


def gathered(parts: Sequence[Sample | Sum]) -> Sum:
    """All of them, to be read and not to be changed: how long things took is added up where somebody looks."""
    first = parts[0]
    if len(parts) == 1 and isinstance(first, Sum):
        return first
    made = Sum()
    for one in parts:
        made.pushed += one.pushed
        made.completed += one.completed
        made.failed += one.failed
        made.cancelled += one.cancelled
        made.retried += one.retried
        made.memory_kb = max(made.memory_kb, one.memory_kb)
    made.runtime, made.wait = joined([one.runtime for one in parts]), joined([one.wait for one in parts])
    return made


def by_pair(samples: Iterable[Sample]) -> Mapping[Pair, Sum]:
    """One sum for each queue and class."""
    found: dict[Pair, list[Sample]] = {}
    for sample in samples:
        found.setdefault((sample.queue, sample.name), []).append(sample)
    return {pair: total(few) for pair, few in found.items()}


def by_step(samples: Iterable[Sample], span: Span) -> Sequence[Sum]:
    """One sum for each step of a stretch, oldest first."""
    found: list[list[Sample]] = [[] for _ in span.starts]
    for sample in samples:
        index = (sample.minute - span.since) // span.step
        if 0 <= index < len(found):
            found[index].append(sample)
    return [total(few) for few in found]
