"""Starts the clockwork in this process: after the fork where somebody says so, else at the first request.

Never by an import, never by a command: whoever only loads the app gets no thread.
"""

from __future__ import annotations

import atexit
import os
import weakref
from collections.abc import Callable, Mapping
from functools import partial
from threading import Lock

from horizon.backends.base import Backend
from horizon.core.connections import DEFAULT
from horizon.schedule.punctual import Punctual
from horizon.schedule.ticker import Ticker

Backends = Callable[[], Mapping[str, Callable[[], Backend]]]


class Scheduler:
    """At most one running ticker per process; a fork after the start is noticed by the process id."""

    def __init__(
        self,
        backends: Backends,
        carry: Callable[[str], object] | None = None,
        punctual: Callable[[Callable[[], int | None]], Punctual] | None = None,
    ) -> None:
        """`punctual` makes what dispatches schedules, from a way to ask for the term in which this process leads."""
        self._backends, self._carry, self._punctually = backends, carry, punctual
        self._lock = Lock()
        self.ticker: Ticker | None = None
        self.punctual: Punctual | None = None
        self.pid = 0

    def ensure(self) -> None:
        """Make sure it runs in this very process. Cheap: it stands in front of every request."""
        if self.pid == os.getpid():
            return
        with self._lock:
            if self.pid != os.getpid():
                self._start()

    def stop(self) -> None:
        """End it in this process; the next `ensure` begins anew."""
        with self._lock:
            ticker, self.ticker, self.pid = self.ticker, None, 0
            punctual, self.punctual = self.punctual, None
        if punctual is not None:
            punctual.stop()
        if ticker is not None:
            ticker.stop()

    def _start(self) -> None:
        self.pid = os.getpid()  # first, so that a server without threads is told once, not with every request
        self.ticker = Ticker(self._backends, carry=self._carry)
        self.ticker.start()
        if self._punctually is not None:
            self.punctual = self._punctually(partial(self.ticker.term, DEFAULT))
            self.punctual.start()
        atexit.register(_stop, weakref.ref(self))


def _stop(scheduler: weakref.ref[Scheduler]) -> None:
    if (alive := scheduler()) is not None:
        alive.stop()


def backends_of(backend: Callable[[str], Backend], connections: Callable[[], tuple[str, ...]]) -> Backends:
    """A way to ask for every backend by the name of its connection; none is opened before it is called."""
    return lambda: {name: partial(backend, name) for name in connections()}
