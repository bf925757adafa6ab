"""Counting over everybody who shares this store."""

from __future__ import annotations

from horizon.backends.database.db import Db
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.store import Store
from horizon.backends.nouns import Meters
from horizon.backends.people import MOST_METERS, Taken, shared
from horizon.core.clock import Micros

COUNT = "SELECT count(*) FROM horizon_meter"
READ = "SELECT taken, until FROM horizon_meter WHERE name = ?"
INSERT = "INSERT INTO horizon_meter (taken, until, name) VALUES (?, ?, ?)"
UPDATE = "UPDATE horizon_meter SET taken = ?, until = ? WHERE name = ?"
GIVE_BACK = "UPDATE horizon_meter SET taken = CASE WHEN taken > ? THEN taken - ? ELSE 0 END WHERE name = ? AND until > ?"


class DatabaseMeters(Meters):
    """See `Meters`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def take(self, key: str, limit: int, per: Micros, count: int = 1) -> Taken:
        """See `Meters.take`."""
        now = self._store.now()
        row = self._store.read(lambda db: db.one(READ, (_room(db, key),)))
        if row is not None and row[0] >= limit and now < row[1] <= now + per:
            return Taken(granted=0, retry_after=row[1] - now)  # whoever is over the limit must not make the store write

        def act(scope: Scope) -> Taken:
            name = _room(scope.db, key)
            found = scope.db.one(READ, (name,))
            taken, until = found or (0, 0)
            if not scope.now < until <= scope.now + per:  # over, or left by a clock that was ahead
                taken, until = 0, scope.now + per
            granted = max(0, min(count, limit - taken))
            if granted:
                scope.db.run(INSERT if found is None else UPDATE, (taken + granted, until, name))
            return Taken(granted=granted, retry_after=until - scope.now)

        return self._store.act(act)

    def give_back(self, key: str, count: int = 1) -> None:
        """See `Meters.give_back`."""
        self._store.act(lambda scope: scope.db.run(GIVE_BACK, (count, count, _room(scope.db, key), scope.now)))


def _room(db: Db, key: str) -> str:
    """The meter of a key: its own, if it has one or there is room for it."""
    if db.one(READ, (key,)) is not None or int(db.all(COUNT)[0][0]) < MOST_METERS:
        return key
    return shared(key)
