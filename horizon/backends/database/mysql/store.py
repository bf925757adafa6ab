"""What acts need around them: the server's clock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from horizon.backends.database.db import Db, Row
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.mysql import quick
from horizon.backends.database.mysql.driver import MySqlDb
from horizon.backends.database.mysql.quick import Notes
from horizon.backends.database.pool import PoolAccess
from horizon.backends.database.served import ServedStore
from horizon.backends.values import Pushed
from horizon.core.envelope import Envelope


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

    def push_plainly(self, envelopes: Sequence[Envelope]) -> list[Pushed] | None:
        """See `Store.push_plainly`: in one go."""
        if not quick.are_plain(envelopes):
            return None
        return self.access.lend(lambda db: quick.push(db, self, envelopes))
