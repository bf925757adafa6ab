"""Runs one job of a kind at a time, over all workers of a store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from horizon.backends.base import Backend
from horizon.backends.values import Lease
from horizon.core.clock import SECOND
from horizon.core.errors import InvalidOption
from horizon.core.limit import RateLimit
from horizon.middleware.base import Middleware, Next
from horizon.middleware.refusals import refusals_of
from horizon.middleware.sending_back import LEAST, come_back, name_of, running_of, store_of

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
        self.expires_after = expires_after
        self.shared = shared
        self._pace = None if again_after is None else RateLimit(1, max(again_after, LEAST), strategy="fixed")
        """When whoever waits asks again; None: they do not."""

    def handle(self, job: Any, next: Next) -> Any:
        lease = self._acquire(job)
        if lease is None:
            return None
        try:
            return next(job)
        finally:
            self._release(job, lease)

    async def ahandle(self, job: Any, next: Callable[[Any], Awaitable[Any]]) -> Any:
        lease = self._acquire(job)
        if lease is None:
            return None
        try:
            return await next(job)
        finally:
            self._release(job, lease)

    def _acquire(self, job: Any) -> Lease | None:
        """The lock; None where another job has it, and something was decided about this one."""
        running, store = running_of(job), store_of(job)
        wait = None if self._pace is None else refusals_of(store).wait(self._room(job), self._pace)
        if wait is not None:
            come_back(job, wait / SECOND, self._waits_for(None))
            return None
        lasts = self.expires_after or (UNKNOWN if running.timeout is None else running.timeout + SPARE)
        lease = store.locks.acquire(self._room(job), running.id, round(lasts * SECOND))
        if lease is None:
            self._refused(job, store)
        return lease

    def _refused(self, job: Any, store: Backend) -> None:
        """Nobody has given up the lock: leave the job out, or let it come again, and those that ask after it later still."""
        if self._pace is None:
            job.delete()
            return
        held, wait = store.locks.read(self._room(job)), self._pace.per
        if held is not None:
            wait = min(wait, max(0, held.expires_at - store.now()))
        refusals_of(store).note(self._room(job), wait)
        come_back(job, wait / SECOND, self._waits_for(held))

    def _release(self, job: Any, lease: Lease) -> None:
        store = store_of(job)
        store.locks.release(lease)
        refusals_of(store).forget(self._room(job))

    def _room(self, job: Any) -> str:
        """What the jobs that exclude each other have in common: the name of the lock."""
        key = self.key(job) if callable(self.key) else self.key
        return f"alone {'' if self.shared else name_of(job)} {'' if key is None else key}"

    def _waits_for(self, held: Lease | None) -> str:
        return f"waits for {'another job' if held is None else f'job {held.holder}'}, which runs alone"
