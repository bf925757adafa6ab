"""What acts need around them: the server's clock."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.backends.database.mysql import quick
from horizon.backends.database.mysql.driver import MySqlDb
from horizon.backends.database.pool import PoolAccess
from horizon.backends.database.served import ServedStore
from horizon.backends.values import Pushed
from horizon.core.envelope import Envelope


class MySqlStore(ServedStore):
    """See `ServedStore`."""

    access: PoolAccess[MySqlDb]
    time = "SELECT timestampdiff(MICROSECOND, '1970-01-01', utc_timestamp(6))"

    def push_plainly(self, envelopes: Sequence[Envelope]) -> list[Pushed] | None:
        """See `Store.push_plainly`: in one go."""
        if not quick.are_plain(envelopes):
            return None
        return self.access.lend(lambda db: quick.push(db, self, envelopes))
