"""What holds jobs back until there is room."""

from __future__ import annotations

import builtins
from collections.abc import Sequence

from horizon.backends.database.db import Db
from horizon.backends.database.kernel.gauges import Held, define, read, save
from horizon.backends.database.kernel.ledger import touch
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.store import Store
from horizon.backends.metering import next_at, room, used
from horizon.backends.nouns import Limits
from horizon.backends.parking import check_limits
from horizon.core.clock import Micros
from horizon.core.limit import Limit, LimitRecord

CROWDED = "SELECT name FROM horizon_limit ORDER BY crowd, name LIMIT ?"


class DatabaseLimits(Limits):
    """See `Limits`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def define(self, limits: Sequence[Limit]) -> None:
        """See `Limits.define`. Raises InvalidOption."""
        check_limits(limits)
        if limits:
            self._store.act(lambda scope: _define(scope, limits))

    def get(self, key: str) -> LimitRecord | None:
        """See `Limits.get`."""
        now = self._store.now()
        held = self._store.read_plainly(lambda db: read(db, [key])).get(key)
        return None if held is None else _record(held, now)

    def list(self, limit: int = 100) -> Sequence[LimitRecord]:
        """See `Limits.list`."""
        now = self._store.now()

        def look(db: Db) -> builtins.list[Held]:
            names = [name for (name,) in db.all(CROWDED, (limit,))]
            found = read(db, names)
            return [found[name] for name in names]

        return [_record(held, now) for held in self._store.read(look)]


def _define(scope: Scope, limits: Sequence[Limit]) -> None:
    held, changed = define(scope.db, limits, scope.now)
    save(scope.db, held, [], scope.now)
    scope.ledger.lots.changed |= changed
    touch(scope.db, scope.now)


def _record(held: Held, now: Micros) -> LimitRecord:
    gauge, limit = held.gauge, held.gauge.limit
    return LimitRecord(
        key=limit.key,
        most=limit.most,
        per=limit.per,
        strategy=limit.strategy,
        used=used(gauge, now),
        running=gauge.running,
        waiting=held.crowd,
        opens_at=None if room(gauge, now) else next_at(gauge, now),
    )
