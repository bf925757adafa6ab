"""Who did what: append-only."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from horizon.backends.memory.kernel.store import Store
from horizon.backends.nouns import Audit
from horizon.core.audit import AuditEntry, AuditPage, AuditQuery


class MemoryAudit(Audit):
    """See `Audit`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def append(self, entry: AuditEntry) -> None:
        """See `Audit.append`."""
        with self._store.act() as now:
            self._store.keep(entry, now)

    def find(self, query: AuditQuery) -> AuditPage:
        """See `Audit.find`. Everything is at hand, so it always looks at all there is."""
        with self._store.act():
            older = (entry for entry in reversed(self._store.entries) if query.cursor is None or (entry.seq or 0) < query.cursor)
            found = list(islice((entry for entry in older if query.fits(entry)), query.limit + 1))
        items = found[: query.limit]
        return AuditPage(items=items, next=items[-1].seq if len(found) > query.limit else None)

    def words(self, limit: int = 100) -> tuple[Sequence[str], Sequence[str]]:
        """See `Audit.words`."""
        with self._store.act():
            actors, verbs = {entry.actor for entry in self._store.entries}, {entry.verb for entry in self._store.entries}
        return sorted(actors)[:limit], sorted(verbs)[:limit]
