"""The clockwork of one web process: once a second, see who leads, and keep house where it is us.

What is to be done is known from our own store. Everything runs in one thread, so a slow run delays the next one instead of
piling up.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from threading import Event, Lock

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from horizon.backends.base import Backend
from horizon.core.clock import Micros
from horizon.core.errors import HorizonError
from horizon.schedule.clockwork import QUIET, clockwork
from horizon.schedule.housekeeping import sweep
from horizon.schedule.leader import TTL, Leadership

EVERY = 1.0
"""Seconds from one run to the next."""
log = logging.getLogger("horizon.schedule")


class Ticker:
    """Starts once, stops once; a forked child makes its own. `backends` is asked at each run, by connection name."""

    def __init__(
        self,
        backends: Callable[[], Mapping[str, Callable[[], Backend]]],
        *,
        every: float = EVERY,
        ttl: Micros = TTL,
        carry: Callable[[str], object] | None = None,
    ) -> None:
        """`every`: seconds from one run to the next. `ttl`: how long the lease of a leader that died stands. `carry`: called
        with the name of each connection that is led from here, for what goes from store to store."""
        self.backends = backends
        self.every, self.ttl, self.carry = every, ttl, carry
        self.pid = os.getpid()
        self.leaderships: dict[str, Leadership] = {}
        self._failing: set[str] = set()
        self._stop = Event()
        self._busy = Lock()
        self._scheduler: BackgroundScheduler | None = None

    @property
    def running(self) -> bool:
        """Whether the clockwork runs in this process."""
        return self._scheduler is not None and self.pid == os.getpid()

    def start(self) -> None:
        """Begin; a second call does nothing."""
        if self._scheduler is not None:
            return
        self._scheduler = clockwork()
        self._scheduler.add_job(self.run, IntervalTrigger(seconds=self.every, timezone="UTC"), executor=QUIET, id="housekeeping")
        self._scheduler.start()

    def term(self, name: str) -> int | None:
        """The term in which this process leads a connection, None where it does not; from any thread."""
        leadership = self.leaderships.get(name)
        return None if leadership is None else leadership.term

    def run(self) -> None:
        """One turn of the wheel over every connection; a store that does not answer delays no other."""
        with self._busy:
            for name, backend in self.backends().items():
                if self._stop.is_set():
                    return
                self._fenced(name, backend)

    def stop(self, timeout: float = 5.0) -> bool:
        """End, and let another process lead at once; True where nothing of ours runs any more.

        A run that hangs in the store is waited for `timeout` seconds and then left to die with the process, and its
        lease to run out. In a forked child, where the thread never was, this only forgets.
        """
        self._stop.set()
        scheduler, self._scheduler = self._scheduler, None
        if scheduler is None or self.pid != os.getpid():
            return True
        if not self._busy.acquire(timeout=timeout):
            return False
        self._busy.release()
        scheduler.shutdown(wait=False)
        self._release()
        return True

    def _fenced(self, name: str, backend: Callable[[], Backend]) -> None:
        try:
            self._keep_house(name, backend())
            self._failing.discard(name)
        except Exception as error:
            self._tell(name, error)

    def _keep_house(self, name: str, backend: Backend) -> None:
        leadership = self.leaderships.get(name)
        if leadership is None:
            leadership = self.leaderships[name] = Leadership(backend.locks, backend.now, ttl=self.ttl)
        if leadership.hold():
            sweep(backend, stopped=self._stop.is_set)
            if self.carry is not None and not self._stop.is_set():
                self.carry(name)

    def _tell(self, name: str, error: Exception) -> None:
        """Once per outage, not once per second; a defect with its trace."""
        if name in self._failing:
            return
        self._failing.add(name)
        if isinstance(error, HorizonError):
            log.warning("housekeeping of connection %r waits for its store: %s", name, error)
        else:
            log.error("housekeeping of connection %r failed; it is tried again every %g s", name, self.every, exc_info=error)

    def _release(self) -> None:
        for name, leadership in self.leaderships.items():
            try:
                leadership.release()
            except Exception:
                log.warning("the lead of connection %r could not be given up; it runs out by itself", name)
