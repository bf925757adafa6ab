"""The thread of an executor that tells its guardian what a job is doing, and the signal that tells it where no thread can.

It sleeps on a line of its own: the watch may be waiting for a store just then. A line asks (number, slot, token), a line answers.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import signal
import socket
import threading
from typing import TYPE_CHECKING

from horizon.core.stack import How
from horizon.worker import stack

if TYPE_CHECKING:
    from horizon.worker.post import Post

ASK_BYTES = 4_096
SIGNAL = signal.SIGRTMIN + 7 if hasattr(signal, "SIGRTMIN") else None
"""Nobody else's, as far as one can tell: the C library, debuggers and app servers use others. None: the system has none of this kind."""


class Teller:
    """Answers while the process lives."""

    def __init__(self, post: Post, line: socket.socket, dump: int) -> None:
        """`dump`: a file shared with the guardian, for what the signal writes."""
        self._post, self._line, self._dump = post, line, dump
        line.setblocking(True)
        line.set_inheritable(False)
        os.set_inheritable(dump, False)

    def start(self) -> None:
        """Take the signal, and begin to listen. In the main thread."""
        if SIGNAL is not None:
            with contextlib.suppress(OSError, ValueError, RuntimeError):
                # of the thread that gets it, and of no other: that one's frames cannot change meanwhile
                faulthandler.register(SIGNAL, file=self._dump, all_threads=False)
        threading.Thread(target=self._run, name="horizon-stack", daemon=True).start()

    def _run(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM, signal.SIGTERM, signal.SIGINT})
        kept = b""
        while True:
            try:
                piece = self._line.recv(ASK_BYTES)
            except OSError:
                return
            if not piece:
                return
            *asked, kept = (kept + piece).split(b"\n")
            for line in asked:
                self._answer(line)

    def _answer(self, line: bytes) -> None:
        try:
            number, slot, token = json.loads(line)
            told = {"n": number, **self._of(slot, token)}
        except Exception as error:  # a strange frame must not cost the thread: it is asked again
            told = {"n": 0, "how": How.SILENT, "text": "", "error": type(error).__name__}
        with contextlib.suppress(OSError):
            self._line.sendall(json.dumps(told).encode() + b"\n")

    def _of(self, index: int, token: str) -> stack.Told:
        slot = next((one for one in self._post.slots if one.index == index), None)
        return {"how": How.ENDED, "text": ""} if slot is None else stack.of(slot, token)
