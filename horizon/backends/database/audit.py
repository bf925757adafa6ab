"""Who did what: append-only, written in the same transaction as the change itself."""

from __future__ import annotations

import builtins
from collections.abc import Sequence

from horizon.backends.database.db import insert
from horizon.backends.database.kernel.ledger import touch
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.store import Store
from horizon.backends.nouns import Audit
from horizon.core.audit import AuditEntry

INSERT = insert("horizon_audit", "at actor verb target count detail origin")
READ = "SELECT actor, verb, target, count, detail, origin, at, seq FROM horizon_audit"


def keep(scope: Scope, entry: AuditEntry | None, count: int | None = None) -> None:
    """Append an entry with the store's time and the number of things touched; none of them: no entry."""
    if entry is None or count == 0:
        return
    times = entry.count if count is None else count
    scope.db.run(INSERT, (scope.now, entry.actor, entry.verb, entry.target, times, entry.detail, entry.origin))
    touch(scope.db, scope.now)


class DatabaseAudit(Audit):
    """See `Audit`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def append(self, entry: AuditEntry) -> None:
        """See `Audit.append`."""
        self._store.act(lambda scope: keep(scope, entry))

    def list(
        self, *, cursor: int | None = None, limit: int = 50, actor: str | None = None, verb: str | None = None
    ) -> Sequence[AuditEntry]:
        """See `Audit.list`."""
        asked = {"seq < ?": cursor, "actor = ?": actor, "verb = ?": verb}
        given = {condition: value for condition, value in asked.items() if value is not None}
        where = f" WHERE {' AND '.join(given)}" if given else ""
        rows: builtins.list[tuple[str, str, str, int, str | None, str | None, int, int]] = self._store.read(
            lambda db: db.all(f"{READ}{where} ORDER BY seq DESC LIMIT ?", (*given.values(), limit))
        )
        return [
            AuditEntry(actor=who, verb=what, target=target, count=count, detail=detail, origin=origin, at=at, seq=seq)
            for who, what, target, count, detail, origin, at, seq in rows
        ]
