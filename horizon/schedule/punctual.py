"""Dispatches schedules on time: wakes when the next one comes, and looks once a second in between.

It has a thread and a clockwork of its own, since housekeeping may take two seconds and a schedule must not wait for it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from datetime import datetime
from threading import Event, Lock

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from horizon.core import clock
from horizon.core.clock import SECOND, Micros
from horizon.core.errors import HorizonError
from horizon.schedule.clockwork import QUIET, clockwork
from horizon.schedule.dispatcher import Dispatcher, Scheduling

EVERY: Micros = SECOND
"""The longest time between two looks: a schedule that was added meanwhile is seen then."""
log = logging.getLogger("horizon.schedule")


class Soonest(BaseTrigger):  # type: ignore[misc]
    """Fires when the run before said so."""

    def __init__(self, pause: Callable[[], Micros]) -> None:
        self._pause = pause

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        """Asked after each run."""
        return clock.to_datetime(clock.now() + self._pause())


class Punctual:
    """Starts once, stops once; a forked child makes its own."""

    def __init__(self, runtime: Scheduling, term: Callable[[], int | None], *, prepare: Callable[[], None] = lambda: None) -> None:
        """`term`: that of this process as the leader of the default connection, None while another one leads."""
        self.runtime, self.term = runtime, term
        self.dispatcher = Dispatcher(runtime, prepare=prepare)
        self.pid = os.getpid()
        self.pause: Micros = EVERY
        """From the end of the latest run to the next."""
        self._failing = False
        self._stop = Event()
        self._busy = Lock()
        self._scheduler: BackgroundScheduler | None = None

    def start(self) -> None:
        """Begin; a second call does nothing."""
        if self._scheduler is None:
            self._scheduler = clockwork()
            self._scheduler.add_job(self.run, Soonest(lambda: self.pause), executor=QUIET, id="schedules")
            self._scheduler.start()

    def run(self) -> None:
        """One look, fenced: a store that does not answer is asked again in a second."""
        with self._busy:
            self.pause = EVERY
            try:
                term = self.term()
                if term is not None and not self._stop.is_set():
                    self.pause = self.look(term)
                self._failing = False
            except Exception as error:
                self._tell(error)

    def look(self, term: int) -> Micros:
        """Agree with the code, dispatch what is due; how long until there may be more. Raises BackendUnavailable."""
        self.dispatcher.agree(term)
        store = self.runtime.backend()
        coming = store.schedules.next_at()
        if coming is not None and coming <= store.now():
            if self.dispatcher.run():
                return 0
            coming = store.schedules.next_at()
        if coming is None or self.dispatcher.stuck:
            return EVERY
        return max(0, min(EVERY, coming - store.now()))

    def stop(self, timeout: float = 5.0) -> None:
        """End. A run that hangs in the store is waited for `timeout` seconds, and then left to die with the process."""
        self._stop.set()
        scheduler, self._scheduler = self._scheduler, None
        if scheduler is not None and self.pid == os.getpid() and self._busy.acquire(timeout=timeout):
            self._busy.release()
            scheduler.shutdown(wait=False)

    def _tell(self, error: Exception) -> None:
        """Once per outage, not once per second; a defect with its trace."""
        if self._failing:
            return
        self._failing = True
        if isinstance(error, HorizonError):
            log.warning("schedules wait for their store: %s", error)
        else:
            log.error("dispatching schedules failed; it is tried again every second", exc_info=error)
