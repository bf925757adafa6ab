"""What acts need around them, where many write at once, and word to whoever waits."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.pool import PoolAccess
from horizon.backends.database.postgres import quick
from horizon.backends.database.postgres.driver import PostgresDb
from horizon.backends.database.postgres.words import NOTIFY, TIME
from horizon.backends.database.served import ServedStore
from horizon.backends.values import Pushed
from horizon.core.envelope import Envelope


class PostgresStore(ServedStore):
    """See `ServedStore`. Where jobs may run now that could not before, those who wait are told with the commit."""

    access: PoolAccess[PostgresDb]
    time = TIME

    def tell(self, scope: Scope) -> None:
        """See `ServedStore.tell`."""
        if scope.ledger.rouses():
            scope.db.all(NOTIFY, (scope.now,))

    def push_plainly(self, envelopes: Sequence[Envelope]) -> list[Pushed] | None:
        """See `Store.push_plainly`: by one statement."""
        now = self.now()
        return self.access.lend(lambda db: quick.push(db, self.book, now, envelopes))
