"""Who did what: append-only."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from horizon.backends.memory.kernel.store import Store
from horizon.backends.nouns import Audit
from horizon.core.audit import AuditEntry


class MemoryAudit(Audit):
    """See `Audit`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def append(self, entry: AuditEntry) -> None:
        """See `Audit.append`."""
        with self._store.act() as now:
            self._store.keep(entry, now)

    def list(
        self, *, cursor: int | None = None, limit: int = 50, actor: str | None = None, verb: str | None = None
    ) -> Sequence[AuditEntry]:
        """See `Audit.list`."""
        with self._store.act():
            fits = (
                entry
                for entry in reversed(self._store.entries)
                if actor in (None, entry.actor) and verb in (None, entry.verb) and (cursor is None or (entry.seq or 0) < cursor)
            )
            return list(islice(fits, limit))
