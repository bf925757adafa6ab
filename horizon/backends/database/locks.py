"""Named leases with a term."""

from __future__ import annotations

from dataclasses import replace

from horizon.backends.database.db import Db
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.store import Store
from horizon.backends.nouns import Locks
from horizon.backends.values import Lease
from horizon.core.clock import Micros

READ = "SELECT holder, term, expires_at FROM horizon_lock WHERE name = ?"
HOLD = f"{READ} /*hold*/"
INSERT = "INSERT INTO horizon_lock (holder, term, expires_at, name) VALUES (?, ?, ?, ?)"
UPDATE = "UPDATE horizon_lock SET holder = ?, term = ?, expires_at = ? WHERE name = ?"


def _read(db: Db, name: str, sql: str = READ) -> Lease | None:
    row = db.one(sql, (name,))
    return None if row is None else Lease(name=name, holder=row[0], term=row[1], expires_at=row[2])


def _is_current(db: Db, lease: Lease, now: Micros) -> bool:
    held = _read(db, lease.name, HOLD)
    return held is not None and (held.holder, held.term) == (lease.holder, lease.term) and held.expires_at > now


class DatabaseLocks(Locks):
    """See `Locks`. A released lock stays as one that expired, so that its next term is a new one."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def acquire(self, name: str, holder: str, ttl: Micros) -> Lease | None:
        """See `Locks.acquire`."""

        def act(scope: Scope) -> Lease | None:
            before = _read(scope.db, name, HOLD)
            free = before is None or before.expires_at <= scope.now
            if before is not None and not free and before.holder != holder:
                return None
            lease = Lease(name=name, holder=holder, term=(0 if before is None else before.term) + free, expires_at=scope.now + ttl)
            scope.db.run(INSERT if before is None else UPDATE, (holder, lease.term, lease.expires_at, name))
            return lease

        return self._store.act(act)

    def renew(self, lease: Lease, ttl: Micros) -> Lease | None:
        """See `Locks.renew`."""

        def act(scope: Scope) -> Lease | None:
            if not _is_current(scope.db, lease, scope.now):
                return None
            prolonged = replace(lease, expires_at=scope.now + ttl)
            scope.db.run(UPDATE, (lease.holder, lease.term, prolonged.expires_at, lease.name))
            return prolonged

        return self._store.act(act)

    def release(self, lease: Lease) -> bool:
        """See `Locks.release`."""

        def act(scope: Scope) -> bool:
            if not _is_current(scope.db, lease, scope.now):
                return False
            scope.db.run(UPDATE, (lease.holder, lease.term, scope.now, lease.name))
            return True

        return self._store.act(act)

    def read(self, name: str) -> Lease | None:
        """See `Locks.read`."""
        lease = self._store.read(lambda db: _read(db, name))
        return None if lease is None or lease.expires_at <= self._store.now() else lease
