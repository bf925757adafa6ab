"""Counting over everybody who shares this store."""

from __future__ import annotations

from typing import Any

from horizon.backends.nouns import Meters
from horizon.backends.people import MOST_METERS, Taken, shared
from horizon.backends.redis.store import Store
from horizon.backends.slices import SLICES
from horizon.core.clock import Micros


class RedisMeters(Meters):
    """See `Meters`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def _do(self, verb: str, key: str, count: int, **more: int) -> Any:
        what = {"verb": verb, "key": key, "shared": shared(key), "most": MOST_METERS, "slices": SLICES, "count": count, **more}
        return self._store.run("meter", what)

    def take(self, key: str, limit: int, per: Micros, count: int = 1) -> Taken:
        """See `Meters.take`."""
        granted, wait, good_for = self._do("take", key, count, limit=limit, per=per)
        return Taken(granted=granted, retry_after=wait, good_for=good_for)

    def give_back(self, key: str, count: int = 1) -> None:
        """See `Meters.give_back`."""
        self._do("give_back", key, count)
