"""Limits, as the model of the stateful test knows them: what each allows, who took what, and who stands before whom."""

from __future__ import annotations

from typing import Any

from horizon.backends import metering
from horizon.backends.metering import Gauge
from horizon.core.clock import SECOND, Micros
from horizon.core.limit import Limit, LimitRecord

WORDS = (
    Limit(key="slides", most=2, per=4 * SECOND),
    Limit(key="drips", most=2, per=6 * SECOND, strategy="bucket"),
    Limit(key="ticks", most=1, per=5 * SECOND, strategy="fixed"),
    Limit(key="door", most=1, strategy="concurrent"),
)
"""What is said of each limit at first."""
Row = dict[str, Any]


class Gauges:
    """What was taken of every limit. How a gauge counts is tested for itself; who takes and gives back is told here."""

    def __init__(self) -> None:
        self.by_key = {limit.key: Gauge(limit=limit) for limit in WORDS}

    def words(self, keys: tuple[str, ...]) -> tuple[Limit, ...]:
        """What is said of these now."""
        return tuple(self.by_key[key].limit for key in keys)

    def say(self, limit: Limit, now: Micros) -> None:
        """From now on it allows this."""
        self.by_key[limit.key] = metering.redefined(self.by_key[limit.key], limit, now)

    def room(self, job: Row, now: Micros) -> int:
        """How many like this one may start."""
        return min((metering.room(self.by_key[one.key], now) for one in job["envelope"].limits), default=1_000)

    def take(self, job: Row, now: Micros) -> None:
        """The store let it start."""
        assert self.room(job, now) > 0, f"{job['id']} was handed out though {[one.key for one in job['envelope'].limits]} had no room"
        job["taken_at"] = now
        for one in job["envelope"].limits:
            self.by_key[one.key] = metering.take(self.by_key[one.key], now)

    def end(self, job: Row, now: Micros, *, started: bool) -> None:
        """Its attempt is over, or never began."""
        for one in job["envelope"].limits:
            gauge = metering.end(self.by_key[one.key])
            self.by_key[one.key] = gauge if started else metering.give_back(gauge, job["taken_at"], now)

    def check(self, key: str, found: LimitRecord | None, now: Micros) -> None:
        """What the store says of a limit must be so; one that would be as if it were new may be forgotten."""
        gauge = self.by_key[key]
        if found is None:
            assert metering.as_new(gauge, now), f"{key} was forgotten, and counts"
            return
        assert (found.most, found.used, found.running) == (gauge.limit.most, metering.used(gauge, now), gauge.running), key


def lot(job: Row) -> tuple[str, frozenset[str]]:
    """The jobs among which it waits."""
    return job["queue"], frozenset(one.key for one in job["envelope"].limits)
