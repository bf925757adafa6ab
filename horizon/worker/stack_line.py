"""The guardian's end of the line on which an executor tells stacks, and the file into which a signal has them written."""

from __future__ import annotations

import contextlib
import json
import os
import socket

from horizon.core.stack import How, Stack
from horizon.worker.page import shared_file

MOST_BYTES = 400_000
"""Of what an executor says without an end of line; a job that writes here cannot fill its guardian's memory."""
DUMP_BYTES = 65_536


class StackLine:
    """Of one executor. The files of its other end are handed over with `fds`."""

    def __init__(self) -> None:
        self._mine, self._theirs = socket.socketpair()
        self._mine.setblocking(False)
        self._dump = shared_file(0)
        self._said = b""

    @property
    def fds(self) -> tuple[int, int]:
        """What the executor is started with: its end of the line, and the file."""
        return self._theirs.fileno(), self._dump

    def handed_over(self) -> None:
        """The executor has its end."""
        self._theirs.close()

    def ask(self, number: int, slot: int, token: str) -> None:
        """Put a question; one that is full of questions answers none of them anyway."""
        with contextlib.suppress(OSError):
            self._mine.send(json.dumps([number, slot, token]).encode() + b"\n")

    def heard(self, number: int) -> Stack | None:
        """The answer to this question, where it has come; answers to older ones are passed over."""
        self._read()
        while b"\n" in self._said:
            line, _, self._said = self._said.partition(b"\n")
            with contextlib.suppress(ValueError, KeyError, TypeError):
                told = json.loads(line)
                if told["n"] == number:
                    return Stack(by="", asked_at=0, how=How(told["how"]), text=str(told["text"]), beside=int(told.get("beside", 0)))
        return None

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            while piece := self._mine.recv(65_536):
                self._said = (self._said + piece)[-MOST_BYTES:]

    def empty(self) -> None:
        """Make room for what a signal writes; both ends share one position in the file."""
        with contextlib.suppress(OSError):
            os.ftruncate(self._dump, 0)
            os.lseek(self._dump, 0, os.SEEK_SET)

    def dump(self) -> str:
        """What a signal has had written so far."""
        try:
            return os.pread(self._dump, DUMP_BYTES, 0).decode("utf-8", "replace")
        except OSError:
            return ""

    def close(self) -> None:
        """Let go of all of it."""
        self._mine.close()
        self._theirs.close()
        os.close(self._dump)
