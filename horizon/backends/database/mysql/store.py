"""What acts need around them: the server's clock."""

from __future__ import annotations

from horizon.backends.database.served import ServedStore


class MySqlStore(ServedStore):
    """See `ServedStore`."""

    time = "SELECT timestampdiff(MICROSECOND, '1970-01-01', utc_timestamp(6))"
