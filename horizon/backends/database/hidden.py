"""Forgotten jobs, as long as they can come back."""

from __future__ import annotations

from horizon.backends.database.db import Db
from horizon.backends.database.show import records
from horizon.backends.database.store import Store
from horizon.core.clock import Micros
from horizon.core.record import Record

HIDDEN = (
    "SELECT hidden_at, n FROM horizon_done INDEXED BY horizon_done_hidden WHERE hidden_at IS NOT NULL AND hidden_at > ? "
    "AND (hidden_at, n) < (?, ?) ORDER BY hidden_at DESC, n DESC LIMIT ?"
)
"""dialect: see `plan.py` about INDEXED BY."""
END = (2**62, 2**62)


def hidden(store: Store, before: tuple[Micros, int] | None, limit: int) -> list[tuple[Micros, Record]]:
    """See `Backend.hidden`."""
    since = store.now() - store.retention.undo

    def look(db: Db) -> list[tuple[Micros, Record]]:
        found = {n: at for at, n in db.all(HIDDEN, (since, *(before or END), limit))}
        return [(found[record.n], record) for record in records(store, db, list(found))]

    return store.read(look)
