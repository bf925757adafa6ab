"""Searching: one indexed field drives, the others narrow."""

from __future__ import annotations

from horizon.backends.database.db import Db
from horizon.backends.database.show import records
from horizon.backends.database.store import Store
from horizon.core.query import JobQuery, Page


def check_query(db: Db, query: JobQuery) -> None:
    return None


def matching(store: Store, db: Db, query: JobQuery, limit: int, *, before: int | None = None) -> list[int]:
    return [n for (n,) in db.all("SELECT n FROM horizon_job WHERE n < ? ORDER BY n DESC LIMIT ?", (before or 2**62, limit))]


def find(store: Store, query: JobQuery) -> Page:
    """See `Backend.find`."""

    def look(db: Db) -> Page:
        ns = [n for (n,) in db.all("SELECT n FROM horizon_job ORDER BY n DESC LIMIT ?", (query.limit,))]
        return Page(items=records(store, db, ns))

    return store.read(look)
