"""Counting over everybody who shares this store."""

from __future__ import annotations

from horizon.backends.memory.kernel.store import Store
from horizon.backends.nouns import Meters
from horizon.backends.people import MOST_METERS, Taken, shared
from horizon.backends.slices import counting, names, slice_of
from horizon.core.clock import Micros


class MemoryMeters(Meters):
    """See `Meters`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def take(self, key: str, limit: int, per: Micros, count: int = 1) -> Taken:
        """See `Meters.take`."""
        with self._store.act() as now:
            key = self._room(key)
            taken, wait = counting(self._kept(key).values(), per, now)
            here = slice_of(key, per, now)
            granted = max(0, min(count, limit - taken))
            if granted:
                before, until = self._store.meters.get(here.name, (0, 0))
                self._store.meters[here.name] = ((before if until == here.until else 0) + granted, here.until)
            return Taken(granted=granted, retry_after=0 if granted else wait, good_for=here.ends - now)

    def give_back(self, key: str, count: int = 1) -> None:
        """See `Meters.give_back`."""
        with self._store.act() as now:
            kept = self._kept(self._room(key))
            latest = max(
                (name for name, (taken, until) in kept.items() if taken and until > now), key=lambda name: kept[name][1], default=None
            )
            if latest is not None:
                taken, until = kept[latest]
                self._store.meters[latest] = (max(0, taken - count), until)

    def _kept(self, key: str) -> dict[str, tuple[int, Micros]]:
        return {name: self._store.meters[name] for name in names(key) if name in self._store.meters}

    def _room(self, key: str) -> str:
        return key if self._kept(key) or len(self._store.meters) < MOST_METERS else shared(key)
