"""Runs one job of a kind at a time, over all workers of a store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from horizon.backends.values import Lease
from horizon.core.clock import SECOND
from horizon.core.errors import InvalidOption
from horizon.middleware.base import Middleware, Next
from horizon.middleware.sending_back import come_back, left, name_of, running_of, store_of

SPARE = 30.0
"""Seconds that a lock outlives the timeout of the job that holds it: time for stopping it from outside, and for noticing."""
UNKNOWN = 3600.0
"""Seconds it holds where no timeout is known."""


class WithoutOverlapping(Middleware):
    """While a job runs that holds the lock, others with the same key come back after `again_after` seconds, or are deleted
    where that is None.

    1. `key`: text, or a callable of the job that answers it; left out, all jobs of the class exclude each other. Jobs of
       several classes do so where `shared` is true.
    2. The lock is given up when the job ends, however it ends, and only by the job that holds it.
    3. Where a worker dies, the lock ends by itself after `expires_after` seconds; left out, 30 s after the job's timeout. The
       same job may have it back at once.
    """

    def __init__(
        self,
        key: str | Callable[[Any], object] | None = None,
        *,
        again_after: float | None = 10.0,
        expires_after: float | None = None,
        shared: bool = False,
    ) -> None:
        for what, value in (("again_after", again_after), ("expires_after", expires_after)):
            if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0):
                raise InvalidOption(f"{what} of WithoutOverlapping is a number of seconds; got {value!r}")
        self.key = key
        self.again_after = again_after
        self.expires_after = expires_after
        self.shared = shared

    def handle(self, job: Any, next: Next) -> Any:
        lease = self._acquire(job)
        if lease is None:
            return None
        try:
            return next(job)
        finally:
            store_of(job).locks.release(lease)

    async def ahandle(self, job: Any, next: Callable[[Any], Awaitable[Any]]) -> Any:
        lease = self._acquire(job)
        if lease is None:
            return None
        try:
            return await next(job)
        finally:
            store_of(job).locks.release(lease)

    def _acquire(self, job: Any) -> Lease | None:
        """The lock; None where another job has it, and something was decided about this one."""
        running, locks, name = running_of(job), store_of(job).locks, self._name(job)
        lasts = self.expires_after or (UNKNOWN if running.timeout is None else running.timeout + SPARE)
        lease = locks.acquire(name, running.id, round(lasts * SECOND))
        if lease is None:
            self._wait(job, name)
        return lease

    def _wait(self, job: Any, name: str) -> None:
        if self.again_after is None:
            job.delete()
            return
        store = store_of(job)
        held = store.locks.read(name)
        wait = self.again_after if held is None else min(self.again_after, left(store, held.expires_at))
        come_back(job, wait, f"waits for {'another job' if held is None else f'job {held.holder}'}, which runs alone")

    def _name(self, job: Any) -> str:
        key = self.key(job) if callable(self.key) else self.key
        return f"alone {'' if self.shared else name_of(job)} {'' if key is None else key}"
