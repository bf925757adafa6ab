"""What acts need around them: the server's clock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from horizon.backends.database import plainly
from horizon.backends.database.db import Db, Row
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.mysql import quick, swift
from horizon.backends.database.mysql.driver import MySqlDb
from horizon.backends.database.mysql.quick import Notes
from horizon.backends.database.pool import PoolAccess, finished
from horizon.backends.database.served import ServedStore
from horizon.backends.database.store import Moved
from horizon.backends.database.turn import is_busy
from horizon.backends.values import Asked, Pushed, Turned, Want
from horizon.core.envelope import Envelope
from horizon.core.outcome import Outcome


class MySqlStore(ServedStore):
    """See `ServedStore`."""

    access: PoolAccess[MySqlDb]
    time = "SELECT timestampdiff(MICROSECOND, '1970-01-01', utc_timestamp(6))"

    def write_down(self, scope: Scope) -> int:
        """See `ServedStore.write_down`: it travels with the commit."""
        db = cast(MySqlDb, scope.db)
        notes = Notes(db.writer)
        count = scope.ledger.write(cast(Db, notes), scope.now)
        db.keep(notes.statements)
        return count

    def look(self, sql: str) -> Row:
        """See `Store.look`: in one way to the server."""
        return self.access.lend(lambda db: db.look(sql, ()))

    def turn_plainly(self, outcomes: Sequence[Outcome], want: Want | None) -> Turned | None:
        """See `Store.turn_plainly`: in two ways to the server."""
        if want is None or not self._fits(outcomes, want):
            return None
        moved: Moved = {}
        try:
            turned = self.access.write(lambda db: finished(swift.steps(self, cast(MySqlDb, db), outcomes, want, moved)))
        except plainly.NotPlain:
            return None
        self.see_to(moved, busy=is_busy(turned, want))
        return turned

    def ask(self, outcomes: Sequence[Outcome], want: Want) -> Asked | None:
        """See `Backend.ask`."""
        if not self._fits(outcomes, want):
            return None
        moved: Moved = {}
        try:
            begun = self.access.begin(lambda db: swift.steps(self, cast(MySqlDb, db), outcomes, want, moved, ahead=True))
        except plainly.NotPlain:
            return None
        return plainly.UnderWay(self, begun, outcomes, want, moved)

    def _fits(self, outcomes: Sequence[Outcome], want: Want) -> bool:
        """Whether a turn looks plain. The first of an executor is not: only those tell whether it holds a job that must run alone."""
        return self.chores.beside.get((want.session, want.executor), False) and plainly.fits(self, outcomes, want)

    def push_plainly(self, envelopes: Sequence[Envelope]) -> list[Pushed] | None:
        """See `Store.push_plainly`: in one go."""
        if not quick.are_plain(envelopes):
            return None
        return self.access.lend(lambda db: quick.push(db, self, envelopes))
