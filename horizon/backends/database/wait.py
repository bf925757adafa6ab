"""wait: block until a job may be there. `look_around` is every dialect's; watching for commits of anybody is SQLite's.

SQLite moves `PRAGMA data_version` of a connection whenever another one has committed; looking costs a few
microseconds, so a waiter looks every few milliseconds.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from typing import Any

from horizon.backends.database import sqlite
from horizon.backends.database.access import StoreAccess
from horizon.backends.database.db import Db
from horizon.backends.database.kernel.rows import PENDING
from horizon.backends.database.numbers import waiting_of
from horizon.backends.database.store import Store
from horizon.backends.database.turn import QUEUES, next_due
from horizon.core.clock import SECOND, monotonic, sleep
from horizon.core.errors import BackendUnavailable

BRISK, CALM = 0.004, 0.007
"""Seconds between two looks: while something happened lately, and after `LATELY` seconds without."""
LATELY = 1.0
INBOX_QUEUES = "SELECT DISTINCT queue FROM horizon_inbox"
PENDING_IN = f"SELECT 1 FROM horizon_live WHERE state = {PENDING} AND queue = ? LIMIT 1"


class Waiting:
    """What waiters of one process share."""

    def __init__(self, place: sqlite.Place, access: StoreAccess[Any]) -> None:
        self._place, self._access = place, access
        self._wakes = 0
        self._pid = os.getpid()
        self._idle: list[sqlite3.Connection] = []
        self._inherited: list[object] = []

    def wake(self) -> None:
        """Let every waiter of this process look; safe to call from a signal handler, since it takes no lock."""
        self._wakes += 1

    def wait(self, store: Store, queues: Sequence[str], timeout: float) -> bool:
        """See `Backend.wait`."""
        ends, connection = monotonic() + timeout, self._connection()
        try:
            woken = self._watch(connection, store, queues, ends)
        except sqlite3.Error as error:
            connection.close()
            raise BackendUnavailable(f"{self._place.location} did not answer: {error}") from error
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)
        return woken

    def _watch(self, connection: sqlite3.Connection, store: Store, queues: Sequence[str], ends: float) -> bool:
        """Look around after every commit of anybody, until there may be a job, somebody calls, or time is up."""
        wakes, seen, moved = self._wakes, _version(connection), monotonic()
        while True:
            there, due_in = store.read(lambda db: look_around(store, db, queues))
            if there:
                return True
            until = min(ends, monotonic() + due_in)
            while (version := _version(connection)) == seen and self._wakes == wakes and (left := until - monotonic()) > 0:
                sleep(min(BRISK if monotonic() - moved < LATELY else CALM, left))
            if self._wakes != wakes:
                return True
            if monotonic() >= ends:
                return False
            seen, moved = version, monotonic()

    def _connection(self) -> sqlite3.Connection:
        """One that nobody waits on; made by the patient way in, since the file may be busy."""
        if self._pid != os.getpid():
            self._inherited += self._idle
            self._idle, self._pid = [], os.getpid()
        try:
            return self._idle.pop()
        except IndexError:
            return self._access.patiently(lambda: sqlite.open_file(self._place))

    def close(self) -> None:
        """Let go of the connections nobody waits on."""
        while self._idle and self._pid == os.getpid():
            self._idle.pop().close()


def _version(connection: sqlite3.Connection) -> int:
    """A number that moves with every commit of anybody else."""
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


def look_around(store: Store, db: Db, queues: Sequence[str]) -> tuple[bool, float]:
    """(whether a job may be there now, in how many seconds the next one is due)."""
    store.book.forget()  # what ended the wait may have been the end of a pause
    now = store.now()
    waits, soonest = db.glance()
    due = next_due(store, db, queues, now, soonest)
    if (due is not None and due <= now) or (waits and _may_be_admitted(store, db)):
        return True, 0.0
    paused = store.book.read(db).paused(now)
    if not queues:
        there = any(name not in paused for (name,) in db.walk(QUEUES))
    else:
        there = any(db.one(PENDING_IN, (name,)) is not None for name in queues if name not in paused)
    return there, float("inf") if due is None else max(0.001, (due - now) / SECOND)


def _may_be_admitted(store: Store, db: Db) -> bool:
    """Whether one of the jobs in the inbox is for a queue that is not full."""
    most = store.book.read(db).most
    return any(name not in most or waiting_of(db, name) < most[name] for (name,) in db.all(INBOX_QUEUES))
