"""The memory that a guardian and one executor share: who runs what until when, readable after a kill at any instant.

Everything numeric is an aligned 8-byte word, written and read in one machine access, so no word is ever half there.

1. The first words belong to one writer each; see the names below.
2. Per slot the executor writes, before any user code: mark 0, then times and names, then a mark that was never used
   before in this slot. So a reader who finds a mark other than 0, and the same mark after it has read the rest, holds
   one consistent attempt; whoever was killed in between left mark 0, which says truthfully that nothing had started.
   After the attempt the mark goes back to 0.
3. Per slot the guardian writes what to cancel there: the reason first, then the token. A token that is not the one
   running there means nothing, so a reader who met it half-written looks again and loses nothing.
4. The shelf holds the tokens of everything this executor has and the store has not heard the end of: a row of them, of
   which those from `next` on had not started. It is laid out in the row that is not in use, which is then made the one
   in use, so whoever is killed in between leaves the row before. A reader that meets it twice rewritten reads a mixture;
   a token that is none matches no attempt.

The recall of unstarted jobs rests on both sides marking first and looking second: the executor marks its slot, then
reads `recall`; the guardian raises `recall`, waits a moment (a processor may hold a store back for nanoseconds), then
reads the marks. Whoever sees the other's mark yields.
"""

from __future__ import annotations

import mmap
import os
import struct
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from horizon.core.clock import Micros

# words of the guardian
START_UNTIL, FENCE_AT, RECALL, COMMAND, DOOMED = range(5)
# words of the executor
PHASE, ENDING, JOBS, _ROW = range(8, 12)
_COUNT, _NEXT = (12, 14), (13, 15)
"""Of the two rows of the shelf."""
ASKED = 16
"""Number of the question to the store whose answer nobody has read yet; 0 where there is none. While it stands there, the
store may have handed out jobs that are not on the shelf."""
# words of a slot
_MARK, _STARTED, _DEADLINE, _DELAY, _THREAD = range(5)

_WORD = 8
_HEAD = 24
_SLOT = 64
TOKEN_BYTES = 64
_NAMES = struct.Struct(f"{TOKEN_BYTES}s40s")
_NAMES_AT, _STOP_TOKEN_AT, _STOP_REASON_AT = 64, 192, 256
REASON_BYTES = 256
SHELF_TOKENS = 640
"""More than three times `pace.MOST`: what one executor ever holds beside what its slots do, unstarted, ended and told."""
NO_DELAY = -1


class Command(IntEnum):
    """What the guardian wants of an executor."""

    RUN = 0
    PAUSE = 1
    DRAIN = 2
    """Finish what runs, hand back the rest, end."""
    INTERRUPT = 3
    """The same, and what runs is interrupted and handed back too."""


class Phase(IntEnum):
    """How far an executor has come."""

    BOOTING = 0
    READY = 1
    ENDED = 2
    """It holds nothing any more and is about to leave."""


class Ending(IntEnum):
    """Why an executor ended by itself."""

    NONE = 0
    DRAINED = 1
    RECYCLED = 2
    """It grew too large, or the worker may start no more jobs: to be replaced, if there is anything left to do."""
    DONE = 3
    """`--once` or `--stop-when-empty`: not to be replaced."""
    FENCED = 4
    """It had not heard of a renewed lease for too long and killed itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Running:
    """One attempt whose user code may have begun. Times are nanoseconds since boot."""

    slot: int
    mark: int
    token: str
    job: str
    started: int
    deadline: int | None
    """When its timeout is over; None: it has none."""
    delay: Micros | None
    """The wait before the next try if it is killed for its timeout; None: this is the last one."""


def _text(raw: bytes) -> str:
    return raw.rstrip(b"\0").decode("utf-8", "replace")


def shared_file(size: int) -> int:
    """A file without a name: in memory where the system knows how, else an unlinked temporary one."""
    if hasattr(os, "memfd_create"):
        fd = os.memfd_create("horizon-page")
    else:
        with tempfile.TemporaryFile() as file:
            fd = os.dup(file.fileno())
    os.ftruncate(fd, size)
    return fd


class Page:
    """One executor's page, mapped by both sides from the same file descriptor."""

    def __init__(self, fd: int, slots: int) -> None:
        self.fd, self.slots = fd, slots
        self._map = mmap.mmap(fd, self.size(slots))
        self.words = memoryview(self._map).cast("q")
        self._at = [_HEAD + slot * _SLOT for slot in range(slots)]
        self._room = SHELF_TOKENS + slots
        self._shelf_at = [(_HEAD + slots * _SLOT) * _WORD + row * self._room * TOKEN_BYTES for row in (0, 1)]
        self._marks = [0] * slots

    @staticmethod
    def size(slots: int) -> int:
        """Bytes of a page for so many slots."""
        return (_HEAD + slots * _SLOT) * _WORD + 2 * (SHELF_TOKENS + slots) * TOKEN_BYTES

    @classmethod
    def create(cls, slots: int) -> Page:
        """A new page, all zeroes; its `fd` is to be handed to the executor."""
        return cls(shared_file(cls.size(slots)), slots)

    def close(self) -> None:
        """Unmap it and close the descriptor."""
        self.words.release()
        self._map.close()
        os.close(self.fd)

    # the executor writes --------------------------------------------------------------------------

    def begin(self, slot: int, token: str, job: str, started: int, deadline: int, delay: Micros | None) -> None:
        """Say that user code of this attempt begins now; `deadline` 0: none. Raises ValueError for a token that does not fit."""
        if len(token) > TOKEN_BYTES:
            raise ValueError(f"expected a token of at most {TOKEN_BYTES} characters, got {len(token)}")
        words, at = self.words, self._at[slot]
        words[at] = 0
        words[at + _STARTED] = started
        words[at + _DEADLINE] = deadline
        words[at + _DELAY] = NO_DELAY if delay is None else delay
        _NAMES.pack_into(self._map, at * _WORD + _NAMES_AT, token.encode(), job.encode())
        self._marks[slot] = mark = self._marks[slot] + 1
        words[at] = mark

    def end(self, slot: int) -> None:
        """Say that no user code runs in this slot."""
        self.words[self._at[slot]] = 0

    def works_in(self, slot: int, thread: int) -> None:
        """Say which thread runs the code of this slot, by the system's number."""
        self.words[self._at[slot] + _THREAD] = thread

    def lay_out(self, tokens: Sequence[str], begun: Sequence[str] = ()) -> None:
        """Put the tokens of unstarted jobs on the shelf, in the order in which they will start, behind those of `begun`
        ones that are not settled yet."""
        words, row = self.words, 1 - self.words[_ROW]
        tokens = tokens[: self._room]
        begun = begun[-(self._room - len(tokens)) :] if len(tokens) < self._room else ()
        text = b"".join([token.encode().ljust(TOKEN_BYTES, b"\0") for token in (*begun, *tokens)])
        at = self._shelf_at[row]
        self._map[at : at + len(text)] = text
        words[_NEXT[row]], words[_COUNT[row]] = len(begun), len(begun) + len(tokens)
        words[_ROW] = row

    def take(self) -> None:
        """Say that the first of the unstarted ones is about to start."""
        self.words[_NEXT[self.words[_ROW]]] += 1

    # the guardian writes --------------------------------------------------------------------------

    def stop(self, slot: int, token: str, reason: str) -> None:
        """Ask the attempt with this token, if it still runs in this slot, to stop."""
        at = self._at[slot] * _WORD
        words = reason.encode()[:REASON_BYTES].decode("utf-8", "ignore").encode()
        self._map[at + _STOP_REASON_AT : at + _STOP_REASON_AT + REASON_BYTES] = words.ljust(REASON_BYTES, b"\0")
        self._map[at + _STOP_TOKEN_AT : at + _STOP_TOKEN_AT + TOKEN_BYTES] = token.encode().ljust(TOKEN_BYTES, b"\0")

    # both read ------------------------------------------------------------------------------------

    def stop_of(self, slot: int) -> tuple[str, str]:
        """(token, reason) of what was asked to stop in this slot last; empty where nothing was."""
        at = self._at[slot] * _WORD
        token = _text(self._map[at + _STOP_TOKEN_AT : at + _STOP_TOKEN_AT + TOKEN_BYTES])
        return token, _text(self._map[at + _STOP_REASON_AT : at + _STOP_REASON_AT + REASON_BYTES])

    def running(self) -> list[Running]:
        """Every attempt whose user code may be running now (or, of a dead executor, was when it died)."""
        return [found for slot in range(self.slots) if (found := self._running_in(slot)) is not None]

    def _running_in(self, slot: int) -> Running | None:
        words, at = self.words, self._at[slot]
        mark = words[at]
        if mark == 0:
            return None
        started, deadline, delay = words[at + _STARTED], words[at + _DEADLINE], words[at + _DELAY]
        token, job = _NAMES.unpack_from(self._map, at * _WORD + _NAMES_AT)
        if words[at] != mark:
            return None
        return Running(
            slot=slot,
            mark=mark,
            token=_text(token),
            job=_text(job),
            started=started,
            deadline=deadline or None,
            delay=None if delay == NO_DELAY else delay,
        )

    def latest(self) -> list[tuple[int, str]]:
        """When the job that each slot began last was begun, and its id, the latest first. It may have ended.

        For people only: one that is just being written may bear the name of the one before it, until it is asked for again.
        """
        found = [(started, self._named_in(slot)) for slot in range(self.slots) if (started := self.words[self._at[slot] + _STARTED])]
        return sorted(found, reverse=True)

    def _named_in(self, slot: int) -> str:
        return _text(_NAMES.unpack_from(self._map, self._at[slot] * _WORD + _NAMES_AT)[1])

    def thread_of(self, slot: int) -> int:
        """The system's number of the thread that runs the code of this slot; 0 where there is none yet."""
        return self.words[self._at[slot] + _THREAD]

    def unstarted(self) -> list[str]:
        """Tokens on the shelf that had not started."""
        row = self.words[_ROW]
        return self._tokens(row, self.words[_NEXT[row]], self.words[_COUNT[row]])

    def begun(self) -> list[str]:
        """Tokens that were about to start, had started or ended, and that the store may not have heard of since."""
        row = self.words[_ROW]
        return self._tokens(row, 0, self.words[_NEXT[row]])

    def _tokens(self, row: int, first: int, end: int) -> list[str]:
        at = self._shelf_at[row]
        return [_text(self._map[at + i * TOKEN_BYTES : at + (i + 1) * TOKEN_BYTES]) for i in range(first, end)]
