"""Counting over everybody who shares this store."""

from __future__ import annotations

from horizon.backends.memory.kernel.store import Store
from horizon.backends.nouns import Meters
from horizon.backends.people import MOST_METERS, Taken, shared
from horizon.core.clock import Micros


class MemoryMeters(Meters):
    """See `Meters`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def take(self, key: str, limit: int, per: Micros, count: int = 1) -> Taken:
        """See `Meters.take`."""
        with self._store.act() as now:
            key = self._room(key)
            taken, until = self._store.meters.get(key, (0, 0))
            if not now < until <= now + per:  # over, or left by a clock that was ahead
                taken, until = 0, now + per
            granted = max(0, min(count, limit - taken))
            if granted:
                self._store.meters[key] = (taken + granted, until)
            return Taken(granted=granted, retry_after=until - now)

    def give_back(self, key: str, count: int = 1) -> None:
        """See `Meters.give_back`."""
        with self._store.act() as now:
            key = self._room(key)
            taken, until = self._store.meters.get(key, (0, 0))
            if until > now:
                self._store.meters[key] = (max(0, taken - count), until)

    def _room(self, key: str) -> str:
        return key if key in self._store.meters or len(self._store.meters) < MOST_METERS else shared(key)
