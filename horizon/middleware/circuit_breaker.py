"""Leaves a service alone that does not work: after some failures no job tries it for a while, until one probe succeeds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any

from horizon.backends.base import Backend
from horizon.backends.slices import SLICES
from horizon.core.clock import DAY, SECOND
from horizon.core.limit import RateLimit
from horizon.middleware.base import Middleware, Next
from horizon.middleware.sending_back import come_back, left, running_of, store_of, was_sent_back

PROBED = 5.0
"""Seconds after which a job looks again at the latest, while another one tries the service."""
OPEN = "open"
"""Who holds a circuit's time-out, where no probe does."""


class State(StrEnum):
    """How a circuit stands."""

    CLOSED = "closed"
    """Jobs run."""
    OPEN = "open"
    """Jobs wait."""
    HALF_OPEN = "half-open"
    """The time-out is over: the next job is a probe."""


class CircuitBreaker(Middleware):
    """Shared by all workers of a store, and by all jobs that name the same service.

    1. Closed: jobs run. After `fail_max` failures within `within` seconds the circuit opens.
    2. Open, for `reset` seconds: jobs come back when that is over, without the loss of a try.
    3. Half-open: one job runs, the others wait on. If it succeeds, the circuit closes; if it fails, or does not end within
       `reset` seconds, it is open again.

    `exceptions`: which count as failures of the service; others are the job's own affair, and close a half-open circuit.
    """

    def __init__(
        self,
        service: str,
        *,
        fail_max: int = 5,
        reset: float = 30.0,
        within: float = 60.0,
        exceptions: type[Exception] | tuple[type[Exception], ...] = Exception,
    ) -> None:
        self.service = service
        self.failures = RateLimit(fail_max, within, key=service)
        self.reset = RateLimit(1, reset).per
        self.exceptions = exceptions
        self._broken, self._wait = f"circuit {service} broken", f"circuit {service} wait"

    def handle(self, job: Any, next: Next) -> Any:
        state = self._enter(job)
        if state is State.OPEN:
            return None
        try:
            result = next(job)
        except self.exceptions:
            self._failed(job, state)
            raise
        except BaseException:
            self._worked(job, state)
            raise
        self._worked(job, state)
        return result

    async def ahandle(self, job: Any, next: Callable[[Any], Awaitable[Any]]) -> Any:
        state = self._enter(job)
        if state is State.OPEN:
            return None
        try:
            result = await next(job)
        except self.exceptions:
            self._failed(job, state)
            raise
        except BaseException:
            self._worked(job, state)
            raise
        self._worked(job, state)
        return result

    def state(self, store: Backend) -> State:
        """How it stands in this store."""
        if store.locks.read(self._broken) is None:
            return State.CLOSED
        return State.HALF_OPEN if store.locks.read(self._wait) is None else State.OPEN

    # the steps ----------------------------------------------------------------------------------------

    def _enter(self, job: Any) -> State:
        """Closed or half-open where the job may run; open where it was sent back."""
        store = store_of(job)
        if store.locks.read(self._broken) is None:
            return State.CLOSED
        if store.locks.acquire(self._wait, running_of(job).id, self.reset) is not None:
            return State.HALF_OPEN
        held = store.locks.read(self._wait)
        wait, why = 1.0 if held is None else left(store, held.expires_at), f"it failed {self.failures.max_attempts} times"
        if held is not None and held.holder != OPEN:  # it may be well again any moment
            wait, why = min(wait, PROBED), f"job {held.holder} tries it"
        come_back(job, wait, f"waits for {self.service}: its circuit is open, {why}")
        return State.OPEN

    def _failed(self, job: Any, state: State) -> None:
        store = store_of(job)
        if state is State.HALF_OPEN:
            self._open(store, running_of(job).id)
        elif not store.meters.take(f"circuit {self._key()}", self.failures.max_attempts - 1, self.failures.per).granted:
            self._open(store, OPEN)

    def _open(self, store: Backend, holder: str) -> None:
        """Let nobody in for a while; `broken` outlasts that, so that what comes then is a probe."""
        store.locks.acquire(self._broken, OPEN, max(DAY, self.reset * 10))
        held = store.locks.acquire(self._wait, holder, self.reset)
        if held is not None and holder != OPEN:  # the probe's own time is over: the wait is nobody's now
            store.locks.release(held)
            store.locks.acquire(self._wait, OPEN, self.reset)

    def _worked(self, job: Any, state: State) -> None:
        """Close it, if this was the probe; one that was sent back has tried nothing, and leaves its place to another."""
        if state is not State.HALF_OPEN:
            return
        locks = store_of(job).locks
        sent_back = was_sent_back(job)
        for name in (self._wait,) if sent_back else (self._broken, self._wait):
            held = locks.read(name)
            if held is not None and held.holder in (OPEN, running_of(job).id):
                locks.release(held)
        if not sent_back:
            self._forget_failures(store_of(job))

    def _forget_failures(self, store: Backend) -> None:
        """Those before the probe count no longer. A meter keeps them in eleven slices at the most, and gives back one at a time."""
        for _ in range(min(SLICES + 1, self.failures.max_attempts - 1)):
            store.meters.give_back(f"circuit {self._key()}", self.failures.max_attempts)

    def _key(self) -> str:
        return f"{self.service} {self.failures.max_attempts}/{self.failures.per // SECOND}"
