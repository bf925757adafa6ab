"""wait: look again and again, since nobody tells here: often while there is work, more seldom the longer there is none."""

from __future__ import annotations

import contextlib
import os
import select
from collections.abc import Sequence

from horizon.backends.database.kernel.rows import PENDING
from horizon.backends.database.mysql.driver import MySqlDb
from horizon.backends.database.pool import PoolAccess
from horizon.backends.database.store import Store
from horizon.backends.database.wait import look_around
from horizon.core.clock import SECOND, monotonic

BUSY, IDLE = 0.01, 0.25
"""Seconds between two looks: while there is work, and at the most."""
SLACKENS = 0.25
"""The part of the time since there was anything by which pauses grow."""
LOOK = (
    "SELECT EXISTS (SELECT 1 FROM horizon_queue WHERE paused = 1), EXISTS (SELECT 1 FROM horizon_inbox), "
    "(SELECT min(due) FROM horizon_live WHERE due IS NOT NULL), "
    f"EXISTS (SELECT 1 FROM horizon_live INDEXED BY horizon_live_take WHERE state = {PENDING} {{where}}LIMIT 1)"
)


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
        return self.hush()

    def hush(self) -> bool:
        """Forget that somebody rang; whether anybody had."""
        with contextlib.suppress(BlockingIOError):
            return bool(os.read(self._hears, 4096))
        return False

    def close(self) -> None:
        """Nobody waits any more."""
        for end in (self._hears, self._rings):
            with contextlib.suppress(OSError):
                os.close(end)


def pause_after(quiet: float) -> float:
    """Seconds until the next look, so many seconds after there last was anything."""
    return min(IDLE, BUSY + SLACKENS * quiet)


class Polling:
    """What waiters of one process share. Who finds nothing and comes again goes on as seldom as it looked at last."""

    def __init__(self, access: PoolAccess[MySqlDb]) -> None:
        self._access = access
        self._start_over()
        self._inherited: list[object] = []

    def _start_over(self) -> None:
        self._pid = os.getpid()
        self._busy: list[Bell] = []
        self._idle: list[Bell] = []
        """Kept, for whoever rings one must never write to what its number stands for later."""
        self._found_at = monotonic()

    def wake(self) -> None:
        """Let every waiter of this process look; safe to call from a signal handler."""
        for bell in tuple(self._busy):
            bell.ring()

    def wait(self, store: Store, queues: Sequence[str], timeout: float) -> bool:
        """See `Backend.wait`."""
        ends, bell = monotonic() + timeout, self._bell()
        self._busy.append(bell)
        try:
            there = self._look(bell, store, queues, ends)
        finally:
            self._busy.remove(bell)
            self._idle.append(bell)
        if there:
            self._found_at = monotonic()
        return there

    def _look(self, bell: Bell, store: Store, queues: Sequence[str], ends: float) -> bool:
        """Look around until there may be a job, somebody calls, or time is up."""
        while True:
            there, due_in = self._look_once(store, queues)
            if there:
                return True
            now = monotonic()
            if now >= ends:
                return False
            if bell.pause(min(pause_after(now - self._found_at), ends - now, due_in)):
                return True

    def _bell(self) -> Bell:
        """One that nobody waits with, and that has not been rung."""
        if self._pid != os.getpid():
            self._inherited += [*self._busy, *self._idle]
            self._start_over()
        try:
            bell = self._idle.pop()
        except IndexError:
            return Bell()
        bell.hush()
        return bell

    def _look_once(self, store: Store, queues: Sequence[str]) -> tuple[bool, float]:
        """`look_around`, by one statement where nothing is paused, due, or in the inbox."""
        now = store.now()
        where = f"AND queue IN ({','.join('?' * len(queues))}) " if queues else ""
        paused, waits, due, pending = self._access.lend(lambda db: db.look(LOOK.format(where=where), queues))
        if paused or waits or (due is not None and due <= now):
            return store.read(lambda db: look_around(store, db, queues))
        return bool(pending), float("inf") if due is None else max(0.001, (due - now) / SECOND)

    def close(self) -> None:
        """Let go of the bells nobody waits with."""
        while self._idle and self._pid == os.getpid():
            self._idle.pop().close()
