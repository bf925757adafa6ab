"""Counting over everybody who shares this store."""

from __future__ import annotations

from horizon.backends.database.db import Db
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.store import Store
from horizon.backends.nouns import Meters
from horizon.backends.people import MOST_METERS, Taken, shared
from horizon.backends.slices import counting, names, slice_of
from horizon.core.clock import Micros

COUNT = "SELECT count(*) FROM horizon_meter"
READ = f"SELECT name, taken, until FROM horizon_meter WHERE name IN ({', '.join('?' * len(names('')))})"
INSERT = "INSERT INTO horizon_meter (taken, until, name) VALUES (?, ?, ?)"
UPDATE = "UPDATE horizon_meter SET taken = ?, until = ? WHERE name = ?"
GIVE_BACK = "UPDATE horizon_meter SET taken = CASE WHEN taken > ? THEN taken - ? ELSE 0 END WHERE name = ?"

Kept = dict[str, tuple[int, Micros]]


class DatabaseMeters(Meters):
    """See `Meters`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def take(self, key: str, limit: int, per: Micros, count: int = 1) -> Taken:
        """See `Meters.take`."""
        now = self._store.now()
        taken, wait = counting(self._store.read(lambda db: _room(db, key)[1]).values(), per, now)
        if taken >= limit:  # whoever is over the limit must not make the store write
            return Taken(granted=0, retry_after=wait, good_for=slice_of(key, per, now).ends - now)

        def act(scope: Scope) -> Taken:
            scope.db.queue_up(f"meter {key}")
            room, kept = _room(scope.db, key)
            taken, wait = counting(kept.values(), per, scope.now)
            here = slice_of(room, per, scope.now)
            granted = max(0, min(count, limit - taken))
            if granted:
                before, until = kept.get(here.name, (0, 0))
                taken_here = (before if until == here.until else 0) + granted
                scope.db.run(UPDATE if here.name in kept else INSERT, (taken_here, here.until, here.name))
            return Taken(granted=granted, retry_after=0 if granted else wait, good_for=here.ends - scope.now)

        return self._store.act(act)

    def give_back(self, key: str, count: int = 1) -> None:
        """See `Meters.give_back`."""

        def act(scope: Scope) -> None:
            scope.db.queue_up(f"meter {key}")
            _, kept = _room(scope.db, key)
            live = [(until, name) for name, (taken, until) in kept.items() if taken and until > scope.now]
            if live:
                scope.db.run(GIVE_BACK, (count, count, max(live)[1]))

        self._store.act(act)


def _room(db: Db, key: str) -> tuple[str, Kept]:
    """The key by which this one is counted, and what is kept of it: its own, if it has any or there is room for it."""
    kept = _kept(db, key)
    if kept or int(db.all(COUNT)[0][0]) < MOST_METERS:
        return key, kept
    return shared(key), _kept(db, shared(key))


def _kept(db: Db, key: str) -> Kept:
    return {name: (taken, until) for name, taken, until in db.all(READ, tuple(names(key)))}
