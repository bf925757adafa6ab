"""What acts need around them, where many write at once: the server's clock, and word to whoever waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from horizon.backends.database.db import Db
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.pool import PoolAccess
from horizon.backends.database.postgres import quick
from horizon.backends.database.postgres.driver import PostgresDb
from horizon.backends.database.postgres.words import NOTIFY, TIME
from horizon.backends.database.store import Store
from horizon.backends.values import Pushed, StoreOptions
from horizon.core import clock
from horizon.core.clock import SECOND, Micros
from horizon.core.envelope import Envelope

T = TypeVar("T")
SET_EVERY = 10.0
"""Seconds after which the server is asked for its time again."""


class ServerClock:
    """The server's time, kept by this machine's steady clock and set again every few seconds."""

    def __init__(self) -> None:
        self._ahead: Micros = 0
        self._set_at: float | None = None

    def stale(self) -> bool:
        """Whether it has to be set."""
        return self._set_at is None or clock.monotonic() - self._set_at > SET_EVERY

    def set_by(self, db: Db) -> None:
        """Ask the server; the answer is taken for the time in the middle of asking."""
        before = clock.monotonic()
        ((there,),) = db.all(TIME)
        after = clock.monotonic()
        self._ahead = int(there) - round((before + after) / 2 * SECOND)
        self._set_at = after

    def read(self) -> Micros:
        """The time there."""
        return self._ahead + round(clock.monotonic() * SECOND)


class PostgresStore(Store):
    """See `Store`. Nobody has to leave gaps here: writers do not wait for each other."""

    access: PoolAccess[PostgresDb]

    def __init__(self, access: PoolAccess[PostgresDb], options: StoreOptions, location: str) -> None:
        super().__init__(access, options, location)
        self._clock = ServerClock() if options.clock is None else None
        self.now = self._now if options.clock is None else options.clock

    def _now(self) -> Micros:
        assert self._clock is not None
        if self._clock.stale():
            self.access.read(self._clock.set_by)
        return self._clock.read()

    def act(self, act: Callable[[Scope], T]) -> T:
        """See `Store.act`. Where jobs may run now that could not before, those who wait are told with the commit."""

        def whole(db: Db) -> T:
            if self._clock is not None and self._clock.stale():
                self._clock.set_by(db)
            scope = self.scope(db)
            result = act(scope)
            self.chores.deltas += scope.ledger.write(db, scope.now)
            if scope.ledger.rouses():
                db.all(NOTIFY, (scope.now,))
            return result

        return self.access.write(whole)

    def push_plainly(self, envelopes: Sequence[Envelope]) -> list[Pushed] | None:
        """See `Store.push_plainly`: by one statement."""
        now = self.now()
        return self.access.lend(lambda db: quick.push(db, self.book, now, envelopes))

    def politely(self, act: Callable[[], T]) -> T:
        """See `Store.politely`."""
        return act()
