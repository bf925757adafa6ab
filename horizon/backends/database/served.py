"""What acts need around them where many write at once: the server's clock, and no gaps left for others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from horizon.backends.database.db import Db
from horizon.backends.database.kernel.parking import conclude
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.store import Moved, Store
from horizon.backends.values import StoreOptions
from horizon.core import clock
from horizon.core.clock import SECOND, Micros

T = TypeVar("T")
SET_EVERY = 10.0
"""Seconds after which the server is asked for its time again."""
ASKED = 3
"""How often it is asked then: the quickest answer is the most exact one."""


class ServerClock:
    """The server's time, kept by this machine's steady clock and set again every few seconds."""

    def __init__(self, sql: str) -> None:
        """`sql` asks the server for its time, in microseconds."""
        self._sql = sql
        self._ahead: Micros = 0
        self._set_at: float | None = None

    def stale(self) -> bool:
        """Whether it has to be set."""
        return self._set_at is None or clock.monotonic() - self._set_at > SET_EVERY

    def set_by(self, db: Db) -> None:
        """Ask the server; its answer is taken for the time in the middle of asking."""
        _, self._ahead = min(self._ask(db) for _ in range(ASKED))
        self._set_at = clock.monotonic()

    def _ask(self, db: Db) -> tuple[float, Micros]:
        """(seconds until it answered, how far it is ahead of the steady clock)."""
        before = clock.monotonic()
        ((there,),) = db.all(self._sql)
        after = clock.monotonic()
        return after - before, int(there) - round((before + after) / 2 * SECOND)

    def read(self) -> Micros:
        """The time there."""
        return self._ahead + round(clock.monotonic() * SECOND)


class ServedStore(Store):
    """See `Store`. Nobody has to leave gaps here: writers do not wait for each other."""

    time: str
    """The statement that asks the server for its time, in microseconds."""

    def __init__(self, access: Any, options: StoreOptions, location: str) -> None:
        super().__init__(access, options, location)
        self._clock = ServerClock(self.time) if options.clock is None else None
        self.now = self._now if options.clock is None else options.clock

    def _now(self) -> Micros:
        assert self._clock is not None
        if self._clock.stale():
            self.access.read(self._clock.set_by)
        return self._clock.read()

    def acted(self, act: Callable[[Scope], T]) -> tuple[T, Moved]:
        """See `Store.acted`."""

        def whole(db: Db) -> tuple[T, Moved]:
            scope = self.opened(db)
            result = act(scope)
            self.concluded(scope)
            return result, scope.ledger.moved()

        return self.access.write(whole)

    def opened(self, db: Db) -> Scope:
        """`scope`, by a clock that is right."""
        if self._clock is not None and self._clock.stale():
            self._clock.set_by(db)
        return self.scope(db)

    def concluded(self, scope: Scope) -> None:
        """What comes last in every act."""
        conclude(scope)
        self.chores.deltas += self.write_down(scope)
        self.tell(scope)

    def write_down(self, scope: Scope) -> int:
        """Add what an act changed in the numbers; returns how many rows."""
        return scope.ledger.write(scope.db, scope.now)

    def tell(self, scope: Scope) -> None:
        """Let those who wait know, with the commit, what this act did; nothing unless a store can."""

    def politely(self, act: Callable[[], T]) -> T:
        """See `Store.politely`."""
        return act()
