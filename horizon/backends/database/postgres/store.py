"""What acts need around them, where many write at once, and word to whoever waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar, cast

from horizon.backends.database import plainly
from horizon.backends.database.db import Db, Row
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.pool import PoolAccess, finished
from horizon.backends.database.postgres import quick, swift
from horizon.backends.database.postgres.driver import PostgresDb
from horizon.backends.database.postgres.late import Late
from horizon.backends.database.postgres.recount import recount
from horizon.backends.database.postgres.words import NOTIFY, TIME
from horizon.backends.database.served import ServedStore
from horizon.backends.database.store import Moved
from horizon.backends.database.turn import is_busy
from horizon.backends.values import Asked, Pushed, Turned, Want
from horizon.core.envelope import Envelope
from horizon.core.outcome import Outcome

T = TypeVar("T")


class PostgresStore(ServedStore):
    """See `ServedStore`. Where jobs may run now that could not before, those who wait are told with the commit."""

    access: PoolAccess[PostgresDb]
    time = TIME

    def write_down(self, scope: Scope) -> int:
        """See `ServedStore.write_down`: it travels with the commit."""
        return scope.ledger.write(cast(Db, Kept(cast(PostgresDb, scope.db))), scope.now)

    def tell(self, scope: Scope) -> None:
        """See `ServedStore.tell`."""
        if scope.ledger.rouses():
            cast(PostgresDb, scope.db).keep(NOTIFY, [(scope.now,)])

    def recount(self) -> None:
        """See `Store.recount`."""
        self.access.lend(recount)

    def read_plainly(self, act: Callable[[Db], T]) -> T:
        """See `Store.read_plainly`: in one way to the server, with no transaction to begin and to end."""
        return self.access.lend(act)

    def look(self, sql: str) -> Row:
        """See `Store.look`: in one way to the server."""
        return self.access.lend(lambda db: db.one(sql))

    def push_plainly(self, envelopes: Sequence[Envelope]) -> list[Pushed] | None:
        """See `Store.push_plainly`: by one statement."""
        now = self.now()
        return self.access.lend(lambda db: quick.push(db, self.book, now, envelopes))

    def turn_plainly(self, outcomes: Sequence[Outcome], want: Want | None) -> Turned | None:
        """See `Store.turn_plainly`: in two ways to the server."""
        if want is None or not plainly.fits(self, outcomes, want, limited=True):
            return None
        moved: Moved = {}
        late = Late()
        try:
            turned = self.access.write(lambda db: finished(swift.steps(self, cast(PostgresDb, db), outcomes, want, moved, late)))
        except plainly.NotPlain:
            return None
        if late.reservations:
            turned = replace(turned, reservations=late.reservations)
        self.see_to(moved, busy=is_busy(turned, want))
        return turned

    def ask(self, outcomes: Sequence[Outcome], want: Want) -> Asked | None:
        """See `Backend.ask`."""
        if not plainly.fits(self, outcomes, want):
            return None
        moved: Moved = {}
        begun = self.access.begin(lambda db: swift.steps(self, cast(PostgresDb, db), outcomes, want, moved))
        return plainly.UnderWay(self, begun, outcomes, want, moved)


class Kept:
    """Takes figures that are to be added with the commit; see `Db.many`."""

    def __init__(self, db: PostgresDb) -> None:
        self._db = db

    def many(self, sql: str, rows: Sequence[tuple[object, ...]]) -> int:
        """See `Db.many`."""
        self._db.keep(sql, rows)
        return len(rows)
