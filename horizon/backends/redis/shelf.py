"""Where sums of stretches of time are written; see backends/rollup.py."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.backends.redis.numbers import RedisNumbers
from horizon.backends.redis.rollups import key_of, rolls
from horizon.backends.redis.store import Store
from horizon.backends.rollup import SETTLED, TEN, Roll, roll
from horizon.backends.values import Sample
from horizon.core.clock import Micros


class RedisShelf:
    """See `Shelf`. Nothing is ever counted late, so whoever writes the same roll writes the same, and nobody has to be alone."""

    def __init__(self, store: Store) -> None:
        self._store, self._link = store, store.link

    def newest(self, span: Micros) -> Micros | None:
        """See `Shelf.newest`."""
        return max(self._starts(span), default=None)

    def oldest_sample(self) -> Micros | None:
        """See `Shelf.oldest_sample`."""
        found = self._link.call("ZRANGE", self._link.key("mi"), 0, 0)
        return int(found[0].split(b":")[0]) if found else None

    def read(self, span: Micros, since: Micros, until: Micros) -> Sequence[Roll]:
        """See `Shelf.read`."""
        return rolls(self._store, span, since, until)

    def samples(self, since: Micros, until: Micros) -> Sequence[Sample]:
        """See `Shelf.samples`."""
        return RedisNumbers(self._store).samples(since, until)

    def write(self, rolls: Sequence[Roll]) -> None:
        """See `Shelf.write`. One is there when both of its parts are."""
        for one in rolls:
            self._link.call("HSET", self._key("Mp", one.span), one.at, one.pairs)
            self._link.call("HSET", self._key("Ms", one.span), one.at, one.steps)

    def forget(self, span: Micros, before: Micros, after: Micros) -> None:
        """See `Shelf.forget`."""
        over = [at for at in self._starts(span) if not before <= at <= after]
        for kind in ("Ms", "Mp") if over else ():
            self._link.call("HDEL", self._key(kind, span), *over)

    def _starts(self, span: Micros) -> list[Micros]:
        return [int(at) for at in self._link.call("HKEYS", self._key("Ms", span))]

    def _key(self, kind: str, span: Micros) -> str:
        return key_of(self._store, kind, span)


def gather(store: Store) -> bool:
    """Write the sums of what is over; whether there is more."""
    now = store.now()
    if store.sums_due - TEN <= now < store.sums_due:
        return False
    _, more = roll(RedisShelf(store), now, store.retention)
    store.sums_due = 0 if more else ((now - SETTLED) // TEN + 1) * TEN + SETTLED
    return more
