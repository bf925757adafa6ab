"""wait: block until a job may be there, by watching for commits of anybody.

dialect: SQLite moves `PRAGMA data_version` of a connection whenever another one has committed; looking costs a few
microseconds, so a waiter looks every few milliseconds. PostgreSQL will listen instead, MySQL poll more slowly.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Sequence

from horizon.backends.database import sqlite
from horizon.backends.database.chores import next_due_of_all
from horizon.backends.database.db import Db
from horizon.backends.database.kernel.rows import PENDING
from horizon.backends.database.store import Store
from horizon.backends.database.turn import QUEUES, next_due
from horizon.core.clock import SECOND, monotonic, sleep
from horizon.core.errors import BackendUnavailable

BRISK, CALM = 0.004, 0.007
"""Seconds between two looks: while something happened lately, and after `LATELY` seconds without."""
LATELY = 1.0
INBOX = "SELECT 1 FROM horizon_inbox LIMIT 1"
PENDING_IN = f"SELECT 1 FROM horizon_live WHERE state = {PENDING} AND queue = ? LIMIT 1"


class Watch:
    """Notices commits of other connections; one per waiting thread, opened when first needed."""

    def __init__(self, place: sqlite.Place) -> None:
        self._place = place
        self._local = threading.local()

    def look(self) -> int:
        """A number that moves with every commit. Raises BackendUnavailable."""
        connection = self._connection()
        try:
            return int(connection.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.Error as error:
            self.close()
            raise BackendUnavailable(f"{self._place.location} did not answer: {error}") from error

    def _connection(self) -> sqlite3.Connection:
        if getattr(self._local, "pid", None) != os.getpid():
            self._local.inherited = getattr(self._local, "connection", None)
            self._local.connection, self._local.pid = sqlite.open_file(self._place), os.getpid()
        made: sqlite3.Connection = self._local.connection
        return made

    def close(self) -> None:
        """Let this thread's connection go."""
        if getattr(self._local, "pid", None) == os.getpid():
            self._local.connection.close()
            self._local.pid = None


class Waiting:
    """What waiters of one process share."""

    def __init__(self, place: sqlite.Place) -> None:
        self.watch = Watch(place)
        self._wakes = 0

    def wake(self) -> None:
        """Let every waiter of this process look; safe to call from a signal handler, since it takes no lock."""
        self._wakes += 1

    def wait(self, store: Store, queues: Sequence[str], timeout: float) -> bool:
        """See `Backend.wait`."""
        started = moved = monotonic()
        ends, wakes, seen = started + timeout, self._wakes, self.watch.look()
        while True:
            there, due_in = store.read(lambda db: _look_around(store, db, queues))
            if there:
                return True
            until = min(ends, monotonic() + due_in)
            while (version := self.watch.look()) == seen and self._wakes == wakes:
                now = monotonic()
                if now >= until:
                    return due_in <= 0 or now < ends
                sleep(min(BRISK if now - moved < LATELY else CALM, until - now))
            if self._wakes != wakes:
                return True
            seen, moved = version, monotonic()


def _look_around(store: Store, db: Db, queues: Sequence[str]) -> tuple[bool, float]:
    """(whether a job may be there now, in how many seconds the next one is due)."""
    now = store.now()
    due = next_due(store, db, queues, now, next_due_of_all(db))
    if (due is not None and due <= now) or db.one(INBOX) is not None:
        return True, 0.0
    paused = store.book.read(db).paused(now)
    if not queues:
        there = any(name not in paused for (name,) in db.all(QUEUES))
    else:
        there = any(db.one(PENDING_IN, (name,)) is not None for name in queues if name not in paused)
    return there, float("inf") if due is None else max(0.001, (due - now) / SECOND)
