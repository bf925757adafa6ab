"""Named leases with a term."""

from __future__ import annotations

from dataclasses import replace

from horizon.backends.memory.kernel.store import Store
from horizon.backends.nouns import Locks
from horizon.backends.values import Lease
from horizon.core.clock import Micros


class MemoryLocks(Locks):
    """See `Locks`. A released lock stays as one that expired, so that its next term is a new one."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def acquire(self, name: str, holder: str, ttl: Micros) -> Lease | None:
        """See `Locks.acquire`."""
        with self._store.act() as now:
            before = self._store.locks.get(name)
            free = before is None or before.expires_at <= now
            if before is not None and not free and before.holder != holder:
                return None
            term = (0 if before is None else before.term) + free
            lease = Lease(name=name, holder=holder, term=term, expires_at=now + ttl)
            self._store.locks[name] = lease
            return lease

    def renew(self, lease: Lease, ttl: Micros) -> Lease | None:
        """See `Locks.renew`."""
        with self._store.act() as now:
            if not self._is_current(lease, now):
                return None
            self._store.locks[lease.name] = replace(lease, expires_at=now + ttl)
            return self._store.locks[lease.name]

    def release(self, lease: Lease) -> bool:
        """See `Locks.release`."""
        with self._store.act() as now:
            if not self._is_current(lease, now):
                return False
            self._store.locks[lease.name] = replace(lease, expires_at=now)
            return True

    def read(self, name: str) -> Lease | None:
        """See `Locks.read`."""
        with self._store.act() as now:
            lease = self._store.locks.get(name)
            return None if lease is None or lease.expires_at <= now else lease

    def _is_current(self, lease: Lease, now: Micros) -> bool:
        held = self._store.locks.get(lease.name)
        return held is not None and (held.holder, held.term) == (lease.holder, lease.term) and held.expires_at > now
