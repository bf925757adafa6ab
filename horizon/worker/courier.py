"""A turn with the store beside the thread that runs jobs, for stores that have no way of their own to leave it for later.

Most of a turn is waiting: for the server, for the disk. The interpreter lock is free meanwhile.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Sequence
from queue import SimpleQueue

from horizon.backends.base import Backend
from horizon.backends.values import Turned, Want
from horizon.core.outcome import Outcome


class Errand:
    """One turn, under way or made: an `Asked`."""

    def __init__(self, backend: Backend, outcomes: Sequence[Outcome], want: Want) -> None:
        self._backend, self._outcomes, self._want = backend, outcomes, want
        self._done = threading.Event()
        self._turned: Turned | None = None
        self._error: BaseException | None = None

    def run(self) -> None:
        """Make the turn; whatever comes of it is told by `finish`."""
        try:
            self._turned = self._backend.turn(self._outcomes, self._want)
        except BaseException as error:
            self._error = error
        self._done.set()

    def ready(self) -> bool:
        """See `Asked.ready`."""
        return self._done.is_set()

    def finish(self) -> Turned:
        """See `Asked.finish`."""
        self._done.wait()
        if self._turned is None:
            assert self._error is not None
            raise self._error
        return self._turned


class Courier:
    """One thread, started when it is first needed; errands are run one after the other."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._errands: SimpleQueue[Errand] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def send(self, outcomes: Sequence[Outcome], want: Want) -> Errand:
        """Begin a turn."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="horizon-courier", daemon=True)
            self._thread.start()
        errand = Errand(self._backend, outcomes, want)
        self._errands.put(errand)
        return errand

    def _run(self) -> None:
        # a stop is raised in the thread that runs the job, which is the main one
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM, signal.SIGTERM, signal.SIGINT})
        while True:
            self._errands.get().run()
