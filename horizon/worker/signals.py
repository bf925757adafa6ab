"""Signals as a list to be read: the handler does nothing, so no code of the guardian is ever interrupted by one."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterable

WATCHED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR2, signal.SIGCONT, signal.SIGCHLD)
STOPS = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})


def _noted(number: int, frame: object) -> None:
    """Python has already written the number to the wake-up descriptor."""


class Signals:
    """The watched signals, in the order in which they came; each one counts, two of a kind are two."""

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)

    def watch(self, numbers: Iterable[signal.Signals] = WATCHED) -> None:
        """Begin, also with those that came while they were blocked. One that is ignored already (`nohup`) stays ignored."""
        numbers = tuple(numbers)
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for number in numbers:
            if signal.getsignal(number) is not signal.SIG_IGN or number == signal.SIGCHLD:
                signal.signal(number, _noted)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)

    def fileno(self) -> int:
        """For `select`."""
        return self._reader.fileno()

    def read(self) -> list[int]:
        """Those that came since the last call."""
        try:
            return list(self._reader.recv(4096))
        except BlockingIOError:
            return []

    def close(self) -> None:
        """Stop listening."""
        signal.set_wakeup_fd(-1)
        self._reader.close()
        self._writer.close()


def group(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process group that may be gone."""
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        pass
    except PermissionError:
        os.kill(pid, number)
