"""How the failures of one cause spread over time, versions of the code, hosts, classes and queues; counted alike by every store. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from horizon.core import dead
from horizon.core.clock import Micros

MOST = 6
"""Versions, hosts, classes and queues named of one cause, the most frequent."""
Shares = tuple[tuple[str, int], ...]
"""(name, how many failures), most frequent first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spread:
    """Of one cause."""

    trend: tuple[int, ...]
    """Failures per equal span of time, oldest first."""
    by_version: Shares = ()
    """Code versions of the jobs."""
    by_host: Shares = ()
    by_class: Shares = ()
    by_queue: Shares = ()

    @property
    def versions(self) -> tuple[str, ...]:
        """Most frequent first."""
        return tuple(name for name, _ in self.by_version)

    @property
    def hosts(self) -> tuple[str, ...]:
        """Most frequent first."""
        return tuple(name for name, _ in self.by_host)

    @property
    def classes(self) -> tuple[str, ...]:
        """Most frequent first."""
        return tuple(name for name, _ in self.by_class)

    @property
    def queues(self) -> tuple[str, ...]:
        """Most frequent first."""
        return tuple(name for name, _ in self.by_queue)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """How many failed jobs stand with one cause."""

    count: int
    first_at: Micros
    """When the first of them failed; of those looked at where `more`."""
    last_at: Micros
    more: bool = False
    """There are more: counting stopped here."""


class Seen(NamedTuple):
    """Some failures that have all of this in common."""

    cause: str
    span: int
    worker: str | None
    """`host:pid`."""
    version: str | None
    name: str | None
    queue: str | None
    times: int


def spread(rows: Iterable[Seen], spans: int) -> Mapping[str, Spread]:
    """By cause."""
    trends: dict[str, list[int]] = {}
    shares: dict[str, tuple[Counter[str], ...]] = {}
    for row in rows:
        trend = trends.setdefault(row.cause, [0] * spans)
        trend[max(0, min(spans - 1, row.span))] += row.times
        for counter, name in zip(shares.setdefault(row.cause, tuple(Counter() for _ in range(4))), _names(row), strict=True):
            if name:
                counter[name] += row.times
    return {cause: _spread(trend, shares[cause]) for cause, trend in trends.items()}


def _names(row: Seen) -> tuple[str | None, ...]:
    host = (row.worker.rpartition(":")[0] or row.worker) if row.worker else None
    return row.version, host, row.name, dead.own(row.queue) if row.queue else None


def _spread(trend: Iterable[int], shares: tuple[Counter[str], ...]) -> Spread:
    version, host, name, queue = (tuple(counter.most_common(MOST)) for counter in shares)
    return Spread(trend=tuple(trend), by_version=version, by_host=host, by_class=name, by_queue=queue)


def both(one: Spread, other: Spread) -> Spread:
    """Of the same cause in two stores."""
    return _spread(
        (a + b for a, b in zip(one.trend, other.trend, strict=True)),
        (
            _sum(one.by_version, other.by_version),
            _sum(one.by_host, other.by_host),
            _sum(one.by_class, other.by_class),
            _sum(one.by_queue, other.by_queue),
        ),
    )


def _sum(one: Shares, other: Shares) -> Counter[str]:
    return Counter(dict(one)) + Counter(dict(other))


def both_tallies(one: Tally, other: Tally) -> Tally:
    """Of the same cause in two stores."""
    return Tally(
        count=one.count + other.count,
        first_at=min(one.first_at, other.first_at),
        last_at=max(one.last_at, other.last_at),
        more=one.more or other.more,
    )
