"""Where sums of stretches of time are written; see backends/rollup.py."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.backends.memory.kernel.samples import between
from horizon.backends.memory.kernel.store import Store
from horizon.backends.rollup import TEN, Roll, is_due, roll
from horizon.backends.values import Sample
from horizon.core.clock import Micros


class MemoryShelf:
    """See `Shelf`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def newest(self, span: Micros) -> Micros | None:
        """See `Shelf.newest`."""
        return max((at for length, at in self._store.rolls if length == span), default=None)

    def oldest_sample(self) -> Micros | None:
        """See `Shelf.oldest_sample`."""
        return min(self._store.samples, default=None)

    def read(self, span: Micros, since: Micros, until: Micros) -> Sequence[Roll]:
        """See `Shelf.read`."""
        return [one for (length, at), one in sorted(self._store.rolls.items()) if length == span and since <= at < until]

    def samples(self, since: Micros, until: Micros) -> Sequence[Sample]:
        """See `Shelf.samples`."""
        return [*between(self._store, since, until)]

    def write(self, rolls: Sequence[Roll]) -> None:
        """See `Shelf.write`."""
        self._store.rolls.update({(one.span, one.at): one for one in rolls})

    def forget(self, span: Micros, before: Micros, after: Micros) -> None:
        """See `Shelf.forget`."""
        self._store.rolls = {key: one for key, one in self._store.rolls.items() if key[0] != span or before <= key[1] <= after}


def gather(store: Store, now: Micros) -> None:
    """Write the sums of what is over."""
    shelf = MemoryShelf(store)
    more = is_due(shelf.newest(TEN), shelf.oldest_sample(), now)
    while more:
        _, more = roll(shelf, now, store.retention)
