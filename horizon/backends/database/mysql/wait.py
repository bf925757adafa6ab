"""wait: look again and again, since nobody tells here: often while there is work, more seldom the longer there is none."""

from __future__ import annotations

import contextlib
import os
import select
from collections.abc import Sequence

from horizon.backends.database.store import Store
from horizon.backends.database.wait import look_around
from horizon.core.clock import monotonic

BUSY, IDLE = 0.02, 0.25
"""Seconds between two looks: at first, and at the most."""
SLACKENS = 1.25
"""By which each pause is longer than the one before, while nothing is found."""


class Bell:
    """Ends the pause of one waiter from outside; safe in a signal handler, since it takes no lock."""

    def __init__(self) -> None:
        self._hears, self._rings = os.pipe()
        os.set_blocking(self._rings, False)
        os.set_blocking(self._hears, False)
        self._poll = select.poll()
        self._poll.register(self._hears, select.POLLIN)

    def ring(self) -> None:
        """End the pause, or the next one."""
        with contextlib.suppress(OSError):
            os.write(self._rings, b".")

    def pause(self, seconds: float) -> bool:
        """Whether somebody rang."""
        self._poll.poll(max(0.0, seconds) * 1000)
        with contextlib.suppress(BlockingIOError):
            return bool(os.read(self._hears, 4096))
        return False

    def close(self) -> None:
        """Nobody waits any more."""
        for end in (self._hears, self._rings):
            with contextlib.suppress(OSError):
                os.close(end)


class Polling:
    """What waiters of one process share."""

    def __init__(self) -> None:
        self._bells: list[Bell] = []

    def wake(self) -> None:
        """Let every waiter of this process look; safe to call from a signal handler."""
        for bell in tuple(self._bells):
            bell.ring()

    def wait(self, store: Store, queues: Sequence[str], timeout: float) -> bool:
        """See `Backend.wait`."""
        ends, bell = monotonic() + timeout, Bell()
        self._bells.append(bell)
        try:
            return self._look(bell, store, queues, ends)
        finally:
            self._bells.remove(bell)
            bell.close()

    def _look(self, bell: Bell, store: Store, queues: Sequence[str], ends: float) -> bool:
        """Look around until there may be a job, somebody calls, or time is up."""
        pause = BUSY
        while True:
            there, due_in = store.read(lambda db: look_around(store, db, queues))
            if there:
                return True
            left = ends - monotonic()
            if left <= 0:
                return False
            if bell.pause(min(pause, left, due_in)):
                return True
            pause = min(pause * SLACKENS, IDLE)

    def close(self) -> None:
        """Nothing is kept open between two waits."""
