"""Who did what: append-only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from horizon.backends.audit import SEALED_AT_ONCE, Audit
from horizon.backends.memory import audit_chain
from horizon.backends.memory.kernel.store import Store
from horizon.core.audit import AuditEntry, AuditPage, AuditQuery
from horizon.core.chain import Chain


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

    def get(self, seq: int) -> AuditEntry | None:
        """See `Audit.get`."""
        with self._store.act():
            return next((entry for entry in self._store.entries if entry.seq == seq), None)

    def seal(self, limit: int = SEALED_AT_ONCE) -> int:
        """See `Audit.seal`."""
        with self._store.act() as now:
            return audit_chain.seal(self._store, now, limit)

    def chain(self) -> Chain:
        """See `Audit.chain`."""
        with self._store.act():
            waiting = sum(entry.link is None for entry in self._store.entries)
            return replace(self._store.chain, waiting=waiting)

    def links(self, after: int, limit: int = SEALED_AT_ONCE) -> Sequence[AuditEntry]:
        """See `Audit.links`."""
        with self._store.act():
            found = [entry for entry in self._store.entries if (entry.link or 0) > after]
        return sorted(found, key=lambda entry: entry.link or 0)[:limit]
