"""Named leases with a term."""

from __future__ import annotations

from horizon.backends.nouns import Locks
from horizon.backends.redis.store import Store
from horizon.backends.values import Lease
from horizon.core.clock import Micros


class RedisLocks(Locks):
    """See `Locks`. A released lock stays as one that expired, so that its next term is a new one."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def _do(self, verb: str, name: str, holder: str = "", term: int = 0, ttl: Micros = 0) -> Lease | None:
        what = {"verb": verb, "name": name, "holder": holder, "term": term, "ttl": ttl}
        found = self._store.run("lock", what, safe=verb != "release")
        return Lease(name=name, holder=found[0].decode(), term=found[1], expires_at=found[2]) if found else None

    def acquire(self, name: str, holder: str, ttl: Micros) -> Lease | None:
        """See `Locks.acquire`."""
        return self._do("acquire", name, holder, ttl=ttl)

    def renew(self, lease: Lease, ttl: Micros) -> Lease | None:
        """See `Locks.renew`."""
        return self._do("renew", lease.name, lease.holder, lease.term, ttl)

    def release(self, lease: Lease) -> bool:
        """See `Locks.release`."""
        return self._do("release", lease.name, lease.holder, lease.term) is not None

    def read(self, name: str) -> Lease | None:
        """See `Locks.read`."""
        return self._do("read", name)
