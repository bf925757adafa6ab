"""What an executor's watching thread sleeps on: the guardian's pipe, and a nudge from its own threads.

Nothing is said over the pipe after the orders: a byte means "look at the page", its end means that the guardian is gone.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
from collections.abc import Callable

from horizon.worker import lifeline


class Bell:
    """Rung by anybody, heard by one thread."""

    def __init__(self, pipe: socket.socket, gone: Callable[[], object] = lifeline.die) -> None:
        self._pipe, self._gone = pipe, gone
        self._hear, self._ring = os.pipe()
        os.set_blocking(self._hear, False)
        os.set_blocking(self._ring, False)
        pipe.setblocking(False)

    def ring(self) -> None:
        """Wake the listener now, or at its next `wait`."""
        with contextlib.suppress(BlockingIOError):  # it is full of rings already
            os.write(self._ring, b"!")

    def wait(self, timeout: float | None) -> bool:
        """Sleep until rung, at most `timeout` seconds; True where the guardian rang. Does not return when it is gone."""
        heard, _, _ = select.select((self._pipe.fileno(), self._hear), (), (), timeout)
        if self._hear in heard:
            os.read(self._hear, 4096)
        if self._pipe.fileno() not in heard:
            return False
        try:
            said = self._pipe.recv(4096)
        except BlockingIOError:
            return False
        except OSError:
            said = b""
        if not said:
            self._gone()
        return True
