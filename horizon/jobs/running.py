"""One attempt under way, as the job itself sees it: what it has said about its end, its progress and its log lines."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from horizon.core.clock import Micros, now
from horizon.core.effect import Noted
from horizon.core.outcome import Kind, LogLine

if TYPE_CHECKING:
    from horizon.backends.values import Reservation
    from horizon.jobs.insider import Insider
    from horizon.jobs.known import Known

MAX_LINE = 4_000
"""Characters kept of one log line."""


class Decided(NamedTuple):
    """An outcome that the job recorded itself."""

    kind: Kind
    delay: Micros = 0
    error: BaseException | None = None
    reason: str | None = None


class News(NamedTuple):
    """What happened since the last time somebody asked."""

    percent: int | None
    note: str | None
    lines: tuple[LogLine, ...]
    dropped: int


class Running:
    """Written by the job's own threads, read by the worker's: everything passes through one lock, except flags."""

    __slots__ = (
        "_dirty", "_lines", "_lock", "_most", "_note", "_percent", "_sent", "_total", "added", "again_after", "attempt", "begun",
        "cancel_reason", "closed", "connection", "decided", "effects", "id", "inside", "interrupted", "noted", "queue", "reservation", "timeout", "user",
    )  # fmt: skip

    def __init__(self, id: str, attempt: int, most_lines: int = 1000, connection: str | None = None) -> None:
        self.id = id
        self.attempt = attempt
        self.connection = connection
        self.decided: Decided | None = None
        self.cancel_reason: str | None = None
        self.interrupted = False
        self.closed = False
        self.reservation: Reservation | None = None
        """What a worker runs; None where the job is run here and now."""
        self.inside: Callable[[Running], Insider] | None = None
        """What it can do in its groups."""
        self.added: dict[str, int] | None = None
        self.effects: dict[str, Known] = {}
        """Those it knows of, by key."""
        self.noted: tuple[Noted, ...] = ()
        """Those that took place in this attempt."""
        self.queue: str | None = None
        self.user: str | None = None
        self.timeout: float | None = None
        """Seconds this attempt may take."""
        self.begun = False
        """`handle()` was reached through its middleware; before that it can be sent back as if nothing had been."""
        self.again_after: Micros | None = None
        """The wait before the next try that its middleware wants, should this one fail."""
        self._most = most_lines
        self._lock = threading.Lock()
        self._lines: deque[LogLine] | None = None
        self._total = 0
        self._sent = 0
        self._percent: int | None = None
        self._note: str | None = None
        self._dirty = False

    def knows(self, queue: str, user: str | None, timeout: float) -> None:
        """What middleware may ask about this attempt."""
        self.queue, self.user, self.timeout = queue, user, timeout

    def count(self, label: str) -> int:
        """How many things of this label were added by this attempt before."""
        if self.added is None:
            self.added = {}
        before = self.added.get(label, 0)
        self.added[label] = before + 1
        return before

    def decide(self, kind: str, *, delay: Micros = 0, error: BaseException | None = None, reason: str | None = None) -> None:
        """Record how this attempt ends, `kind` by its name in `Kind`; what was recorded first stays."""
        decided = Decided(Kind[kind], delay, error, reason)
        with self._lock:
            if self.decided is None and not self.closed:
                self.decided = decided

    def line(self, level: str, message: str) -> None:
        """Keep a log line; beyond the cap the oldest goes."""
        if self.closed or not self._most:
            return
        if len(message) > MAX_LINE:
            message = f"{message[:MAX_LINE]}… ({len(message)} characters)"
        with self._lock:
            if self._lines is None:
                self._lines = deque(maxlen=self._most)
            self._lines.append(LogLine(now(), level, clean(message)))
            self._total += 1

    def report(self, percent: int | None, note: str | None) -> None:
        """Note how far the job is; None leaves what was there."""
        with self._lock:
            self._percent = self._percent if percent is None else percent
            self._note = self._note if note is None else clean(note[:MAX_LINE])
            self._dirty = True

    def news(self) -> News | None:
        """What changed since the last call, None where nothing did."""
        if not self._dirty and self._sent == self._total:
            return None
        with self._lock:
            kept = self._lines or ()
            fresh = min(self._total - self._sent, len(kept))
            lines = tuple(kept)[len(kept) - fresh :] if fresh else ()
            dropped = self._total - self._sent - fresh
            self._dirty, self._sent = False, self._total
            return News(self._percent, self._note, lines, dropped)


def clean(text: str) -> str:
    """Text that UTF-8 and every store can hold: lone surrogates and NUL are spelled out."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")
