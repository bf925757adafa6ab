"""wait: listen for word of new jobs, with a poll behind it.

A `NOTIFY` costs the pusher a third of its speed, so one is sent only while somebody waits: whoever does keeps a moment in
`horizon_meta` ahead of the clock. One that just began to wait looks once more after saying so.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
from collections.abc import Sequence
from typing import Any

import psycopg

from horizon.backends.database.pool import PoolAccess
from horizon.backends.database.postgres.driver import PostgresDb
from horizon.backends.database.postgres.faults import FAULTS, translate
from horizon.backends.database.postgres.link import open_connection
from horizon.backends.database.postgres.place import Place
from horizon.backends.database.postgres.words import AWAITED, CHANNEL, NOTIFY, TIME
from horizon.backends.database.store import Store
from horizon.backends.database.turn import QUEUES
from horizon.backends.database.wait import look_around
from horizon.core.clock import SECOND, Micros, monotonic
from horizon.core.errors import HorizonError

POLL = 1.0
"""Seconds between two looks where nobody says anything: a hint may get lost, and the inbox tells nobody."""
TOLD_FOR: Micros = 10 * SECOND
"""How long others go on telling after the last who waits has said so."""
WAITS = (
    f"INSERT INTO horizon_meta (name, value) VALUES ('{AWAITED}', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value "
    "WHERE horizon_meta.value < ?"
)

LOOK = (
    "SELECT EXISTS (SELECT 1 FROM horizon_queue WHERE paused = 1), EXISTS (SELECT 1 FROM horizon_inbox), "
    f"(SELECT min(due) FROM horizon_live WHERE due IS NOT NULL), (SELECT string_agg(queue, ' ') FROM ({QUEUES}) AS waiting)"
)
"""Names of queues hold no space."""
TELL = NOTIFY.replace("?", f"({TIME})")


class Ear:
    """A listening connection, and a bell for those of this process."""

    def __init__(self, place: Place) -> None:
        self.connection = open_connection(place)
        self._cursor = PostgresDb(self.connection, place.location)
        self._cursor.run("SET synchronous_commit = off")
        self._cursor.run(f"LISTEN {CHANNEL}")
        self._hears, self._rings = socket.socketpair()
        for end in (self._hears, self._rings):
            end.setblocking(False)

    def say(self, now: Micros) -> None:
        """Have others tell of new jobs for a while."""
        self._cursor.run(WAITS, (now + TOLD_FOR, now + TOLD_FOR // 2))

    def ring(self) -> None:
        """Make `listen` return."""
        with contextlib.suppress(OSError):
            self._rings.send(b".")

    def listen(self, seconds: float) -> None:
        """Until something is said, the bell rings, or the time is over."""
        poll = select.poll()
        for source in (self.connection.fileno(), self._hears):
            poll.register(source, select.POLLIN)
        if not self._heard() and seconds > 0:
            poll.poll(seconds * 1000)
            self._heard()
        with contextlib.suppress(BlockingIOError):
            self._hears.recv(4096)

    def _heard(self) -> bool:
        """Take in what was said so far."""
        heard = False
        self.connection.pgconn.consume_input()
        while self.connection.pgconn.notifies() is not None:
            heard = True
        return heard

    def close(self) -> None:
        """Hang up."""
        with contextlib.suppress(psycopg.Error):
            self.connection.close()
        self._hears.close()
        self._rings.close()


class Listening:
    """What waiters of one process share."""

    def __init__(self, place: Place, access: PoolAccess[Any]) -> None:
        self._place, self._access = place, access
        self._wakes = 0
        self._told_until: Micros = 0
        self._start_over()
        self._inherited: list[object] = []

    def _start_over(self) -> None:
        self._pid = os.getpid()
        self._idle: list[Ear] = []
        self._busy: list[Ear] = []

    def wake(self) -> None:
        """Let every waiter of this process look; where none of it waits, tell those of others.

        Takes no lock and no connection that is in use, so that a signal handler may call it.
        """
        self._wakes += 1
        ears = tuple(self._busy)
        for ear in ears:
            ear.ring()
        if not ears:
            with contextlib.suppress(HorizonError):
                self._access.lend(lambda db: db.all(TELL))

    def wait(self, store: Store, queues: Sequence[str], timeout: float) -> bool:
        """See `Backend.wait`."""
        ends, wakes = monotonic() + timeout, self._wakes
        ear = self._ear()
        self._busy.append(ear)
        try:
            woken = self._listen(ear, store, queues, ends, wakes)
        except FAULTS as error:
            ear.close()
            raise translate(error, self._place.location) from error
        except BaseException:
            ear.close()
            raise
        finally:
            self._busy.remove(ear)
        self._idle.append(ear)
        return woken

    def _listen(self, ear: Ear, store: Store, queues: Sequence[str], ends: float, wakes: int) -> bool:
        """Look around whenever anything is said, until there may be a job, somebody calls, or time is up."""
        while True:
            there, due_in = self._look(store, queues)
            if there or self._wakes != wakes:
                return True
            if monotonic() >= ends:
                return False
            if self._told_until - store.now() < TOLD_FOR // 2:
                self._told_until = store.now() + TOLD_FOR
                ear.say(store.now())
                continue  # what came before they knew is found by looking once more
            ear.listen(min(ends - monotonic(), due_in, POLL))

    def _look(self, store: Store, queues: Sequence[str]) -> tuple[bool, float]:
        """`look_around`, by one statement where nothing is paused, due, or in the inbox."""
        now = store.now()
        ((paused, waits, due, pending),) = self._access.lend(lambda db: db.all(LOOK))
        if paused or waits or (due is not None and due <= now):
            return store.read(lambda db: look_around(store, db, queues))
        there = any(name in queues for name in pending.split()) if queues and pending else bool(pending)
        return there, float("inf") if due is None else max(0.001, (due - now) / SECOND)

    def _ear(self) -> Ear:
        """One that nobody waits on."""
        if self._pid != os.getpid():
            self._inherited += [*self._idle, *self._busy]
            self._start_over()
        try:
            return self._idle.pop()
        except IndexError:
            return self._access.patiently(lambda: Ear(self._place))

    def close(self) -> None:
        """Let go of the connections nobody waits on."""
        while self._idle and self._pid == os.getpid():
            self._idle.pop().close()
