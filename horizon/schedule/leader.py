"""One leader among any number of processes: a lease in the store, with a term.

Who leads is a matter of thrift, not of correctness: everything the leader does may be done by two at once.
"""

from __future__ import annotations

import logging
import os
import socket

from horizon.backends.nouns import Locks
from horizon.backends.values import Lease
from horizon.core.clock import SECOND, ClockFn, Micros
from horizon.core.ids import token

LOCK = "leader"
TTL: Micros = 9 * SECOND
"""How long a dead leader's lease stands. With one try a second, another one leads within about 10 s of the death."""

log = logging.getLogger("horizon.schedule")


def new_holder() -> str:
    """A name for this process that no other process ever has."""
    return f"{socket.gethostname()}:{os.getpid()}:{token()}"


class Leadership:
    """One candidate. Not thread-safe: it belongs to the thread that ticks.

    It writes to the store once in a third of the time to live, not once a second, and a candidate that does not lead
    only reads: an idle installation stays quiet.
    """

    def __init__(self, locks: Locks, now: ClockFn, *, holder: str | None = None, ttl: Micros = TTL) -> None:
        """`now` is the store's clock."""
        self.locks = locks
        self.now = now
        self.holder = holder or new_holder()
        self.ttl = ttl
        self.lease: Lease | None = None

    @property
    def term(self) -> int | None:
        """The term held, None while another one leads."""
        return None if self.lease is None else self.lease.term

    def hold(self) -> bool:
        """Keep the lease, or take one that is free; True where this process leads from here on.

        Raises BackendUnavailable; whether this process leads is then as unknown as before.
        """
        before = self.lease
        if before is not None and before.expires_at - self.now() > self.ttl * 2 // 3:
            return True
        self.lease = None if before is None else self.locks.renew(before, self.ttl)
        if self.lease is None and self.locks.read(LOCK) is None:
            self.lease = self.locks.acquire(LOCK, self.holder, self.ttl)
        self._tell(before)
        return self.lease is not None

    def release(self) -> None:
        """Let another process lead at once instead of after the lease has run out."""
        lease, self.lease = self.lease, None
        if lease is not None:
            self.locks.release(lease)

    def _tell(self, before: Lease | None) -> None:
        if self.lease is not None and (before is None or before.term != self.lease.term):
            log.info("%s leads, term %d", self.holder, self.lease.term)
        elif before is not None and self.lease is None:
            log.warning("%s no longer leads", self.holder)
