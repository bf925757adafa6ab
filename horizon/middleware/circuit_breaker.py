"""Leaves a service alone that does not work: after some failures no job tries it for a while, until one probe succeeds."""

from __future__ import annotations

import weakref
from collections.abc import Awaitable, Callable
from typing import Any

from horizon.backends import circuits
from horizon.backends.base import Backend
from horizon.backends.circuits import Circuit, State
from horizon.core import clock
from horizon.core.clock import DAY, Micros
from horizon.core.limit import RateLimit, check_key, check_number, check_stretch
from horizon.middleware.base import Middleware, Next
from horizon.middleware.kinds import kinds
from horizon.middleware.sending_back import come_back, left, running_of, store_of, was_sent_back

PROBED = 5.0
"""Seconds after which a job looks again at the latest, while another one tries the service."""
AGAIN = DAY
"""How often a process that runs on lets a circuit be listed anew."""
_LISTED: weakref.WeakKeyDictionary[Backend, dict[Circuit, Micros]] = weakref.WeakKeyDictionary()


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
        check_key(service, "the service of CircuitBreaker")
        check_number(fail_max, "fail_max of CircuitBreaker")
        check_stretch(within, "within of CircuitBreaker")
        check_stretch(reset, "reset of CircuitBreaker")
        kinds(exceptions, "exceptions of CircuitBreaker")
        self.service = service
        self.failures = RateLimit(fail_max, within, key=service)
        self.reset = RateLimit(1, reset).per
        self.exceptions = exceptions
        self.circuit = Circuit(service=service, fail_max=fail_max, within=self.failures.per, reset=self.reset)
        self._broken, self._wait = circuits.broken(service), circuits.wait(service)

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
        return circuits.state(store, self.service)

    # the steps ----------------------------------------------------------------------------------------

    def _enter(self, job: Any) -> State:
        """Closed or half-open where the job may run; open where it was sent back."""
        store = store_of(job)
        self._enlist(store)
        if store.locks.read(self._broken) is None:
            return State.CLOSED
        if store.locks.acquire(self._wait, running_of(job).id, self.reset) is not None:
            return State.HALF_OPEN
        held = store.locks.read(self._wait)
        wait, why = 1.0 if held is None else left(store, held.expires_at), f"it failed {self.failures.max_attempts} times"
        if held is not None and held.holder != circuits.OPEN:  # it may be well again any moment
            wait, why = min(wait, PROBED), f"job {held.holder} tries it"
        come_back(job, wait, f"waits for {self.service}: its circuit is open, {why}")
        return State.OPEN

    def _failed(self, job: Any, state: State) -> None:
        store = store_of(job)
        if state is State.HALF_OPEN:
            circuits.open_it(store, self.circuit, running_of(job).id)
        elif not store.meters.take(self.circuit.meter, self.circuit.fail_max - 1, self.circuit.within).granted:
            circuits.open_it(store, self.circuit, circuits.OPEN)

    def _worked(self, job: Any, state: State) -> None:
        """Close it, if this was the probe; one that was sent back has tried nothing, and leaves its place to another."""
        if state is not State.HALF_OPEN:
            return
        store = store_of(job)
        if not was_sent_back(job):
            circuits.close(store, self.circuit)
            return
        held = store.locks.read(self._wait)
        if held is not None and held.holder == running_of(job).id:
            store.locks.release(held)

    def _enlist(self, store: Backend) -> None:
        """Have it listed, once a day in each process."""
        listed = _LISTED.setdefault(store, {})
        if listed.get(self.circuit, 0) < clock.now() - AGAIN:
            circuits.enlist(store, self.circuit)
            listed[self.circuit] = clock.now()
