"""wait: block until a job may be there: on a mailbox of one's own, that an act that brings a job puts a word into.

A word is a hint: behind it stand a look before the wait, the time of the next job that is due, and `POLL`.
"""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Sequence
from contextlib import suppress

from horizon.backends.redis.parser import ReplyError
from horizon.backends.redis.store import Store
from horizon.backends.redis.wire import Lost, Wire
from horizon.core.clock import SECOND, monotonic
from horizon.core.errors import BackendUnavailable
from horizon.core.ids import token

POLL = 5.0
"""Seconds after which a waiter looks for itself, whatever it was not told."""


class Waiting:
    """What waiters of one process share."""

    def __init__(self) -> None:
        self._start_over()

    def _start_over(self) -> None:
        self._pid = os.getpid()
        self._wakes = 0
        self._pipe: tuple[int, int] | None = None
        self._mine = threading.local()
        self._lock = threading.Lock()

    def wake(self) -> None:
        """Let every waiter of this process look; takes no lock and asks no server, so it is safe wherever it is called."""
        self._wakes += 1
        if self._pipe is not None:
            with suppress(OSError):
                os.write(self._pipe[1], b"!")

    def wait(self, store: Store, queues: Sequence[str], timeout: float) -> bool:
        """See `Backend.wait`."""
        if self._pid != os.getpid():
            self._start_over()
        if not hasattr(self._mine, "name"):
            self._mine.name = token()
        ends, wakes = monotonic() + timeout, self._wakes
        with suppress(BlockingIOError):
            os.read(self._hear(), 4096)
        while True:
            left = min(ends - monotonic(), POLL)
            there, due_in = self._look(store, queues, max(0.0, left))
            if there or self._wakes != wakes:
                return True
            if left <= 0:
                return False
            seconds = max(0.001, left if due_in is None else min(left, due_in))
            if self._block(store, seconds) or self._wakes != wakes:
                return True

    def _look(self, store: Store, queues: Sequence[str], left: float) -> tuple[bool, float | None]:
        """(whether a job may be there, in how many seconds the next one is due); says that we wait."""
        what = {"queues": list(queues), "waiter": self._mine.name, "wait": round(left * 1000) if left > 0.001 else 0}
        reply = store.run("look", what, safe=True)
        return bool(reply[0]), None if len(reply) < 2 or reply[1] is None else reply[1] / SECOND

    def _block(self, store: Store, seconds: float) -> bool:
        """Wait for a word in the mailbox, or for somebody of this process; True for a word."""
        try:
            wire = store.link.take()
        except (Lost, ReplyError) as error:
            raise BackendUnavailable(f"{store.link.address.location} did not answer: {error}") from error
        word = False
        try:
            wire.send(("BLPOP", store.link.key(f"W={self._mine.name}"), f"{seconds:.3f}"))
            word, idle = self._listen(wire, seconds)
        except Lost:
            wire.close()
            return True  # the next look says what is wrong
        except BaseException:
            wire.close()
            raise
        if idle:
            store.link.give(wire)
        else:
            wire.close()
        return word

    def _listen(self, wire: Wire, seconds: float) -> tuple[bool, bool]:
        """(whether a word came, whether the connection waits for no answer any more)."""
        poll, socket = select.poll(), wire.socket.fileno()  # not select(): a process may have a thousand files open
        poll.register(socket, select.POLLIN)
        poll.register(self._hear(), select.POLLIN)
        if socket not in [ready for ready, _ in poll.poll((seconds + 1.0) * 1000)]:
            return False, False
        reply = wire.receive()
        return reply is not None and not isinstance(reply, ReplyError), True

    def _hear(self) -> int:
        """The end of the pipe that waiters listen to."""
        with self._lock:
            if self._pipe is None:
                self._pipe = os.pipe()
                for end in self._pipe:
                    os.set_blocking(end, False)
            return self._pipe[0]

    def close(self) -> None:
        """Let go of the pipe; the next wait makes another."""
        with self._lock:
            pipe, self._pipe = self._pipe, None
        for end in pipe or ():
            os.close(end)
