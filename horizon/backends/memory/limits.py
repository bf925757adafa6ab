"""Limits, as they are said and as they are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from horizon.backends import metering
from horizon.backends.memory.kernel import lots
from horizon.backends.memory.kernel.store import Store
from horizon.backends.metering import Gauge
from horizon.backends.nouns import Limits
from horizon.backends.parking import check_limits
from horizon.core.clock import Micros
from horizon.core.limit import Limit, LimitRecord


class MemoryLimits(Limits):
    """See `Limits`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def define(self, limits: Sequence[Limit]) -> None:
        """See `Limits.define`. Raises InvalidOption before anything is said."""
        check_limits(limits)
        with self._store.act() as now:
            lots.say(self._store, limits, now)
            self._store.changed()

    def get(self, key: str) -> LimitRecord | None:
        """See `Limits.get`."""
        return next((one for one in self.list(len(self._store.gauges)) if one.key == key), None)

    def list(self, limit: int = 100) -> Sequence[LimitRecord]:
        """See `Limits.list`."""
        with self._store.act() as now:
            waiting = self._waiting(now)
            found = [_shown(gauge, waiting[key], now) for key, gauge in self._store.gauges.items()]
        return sorted(found, key=lambda one: (-one.waiting, one.key))[:limit]

    def _waiting(self, now: Micros) -> Counter[str]:
        """How many are parked for each."""
        waiting: Counter[str] = Counter()
        for key, lot in self._store.lots.items():
            if lot.parked:
                waiting[lots.barred_by(self._store, key, now).limit.key] += len(lot.parked)
        return waiting


def _shown(gauge: Gauge, waiting: int, now: Micros) -> LimitRecord:
    limit, opens = gauge.limit, metering.next_at(gauge, now)
    return LimitRecord(
        key=limit.key,
        most=limit.most,
        per=limit.per,
        strategy=limit.strategy,
        used=metering.used(gauge, now),
        running=gauge.running,
        waiting=waiting,
        opens_at=None if opens == now else opens,
    )
