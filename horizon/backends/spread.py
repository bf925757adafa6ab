"""How the failures of one cause spread over time, versions of the code and hosts; counted alike by every store. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

MOST = 6
"""Versions and hosts named of one cause, the most frequent."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spread:
    """Of one cause."""

    trend: tuple[int, ...]
    """Failures per equal span of time, oldest first."""
    versions: tuple[str, ...] = ()
    """Code versions of the jobs, most frequent first."""
    hosts: tuple[str, ...] = ()


class Seen(NamedTuple):
    """Some failures that have all of this in common."""

    cause: str
    span: int
    worker: str | None
    """`host:pid`."""
    version: str | None
    times: int


def spread(rows: Iterable[Seen], spans: int) -> Mapping[str, Spread]:
    """By cause."""
    trends: dict[str, list[int]] = {}
    versions: dict[str, Counter[str]] = {}
    hosts: dict[str, Counter[str]] = {}
    for row in rows:
        trend = trends.setdefault(row.cause, [0] * spans)
        trend[max(0, min(spans - 1, row.span))] += row.times
        if row.version:
            versions.setdefault(row.cause, Counter())[row.version] += row.times
        if row.worker:
            hosts.setdefault(row.cause, Counter())[row.worker.rpartition(":")[0] or row.worker] += row.times
    return {
        cause: Spread(trend=tuple(trend), versions=_most(versions.get(cause)), hosts=_most(hosts.get(cause)))
        for cause, trend in trends.items()
    }


def _most(counts: Counter[str] | None) -> tuple[str, ...]:
    return tuple(name for name, _ in counts.most_common(MOST)) if counts else ()
