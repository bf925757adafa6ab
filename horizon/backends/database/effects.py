"""Effects that took place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from horizon.backends.database.audit import keep
from horizon.backends.database.db import fetch
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.store import Store
from horizon.backends.effects import Effects
from horizon.core.audit import AuditEntry
from horizon.core.effect import Effect

READ = "SELECT name, seq, job, at, data FROM horizon_effect WHERE name IN ({in})"
FORGET = "DELETE FROM horizon_effect WHERE name = ?"


class DatabaseEffects(Effects):
    """See `Effects`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, names: Sequence[str]) -> Mapping[str, Effect]:
        """See `Effects.get`."""
        rows = sorted(self._store.read(lambda db: list(fetch(db, READ, list(names)))), key=lambda row: -int(row[1]))
        return {
            name: Effect(name=name, value=None if data is None else bytes(data), job_id=job, at=at) for name, _, job, at, data in rows
        }  # the first one of a name comes last here, and stays

    def forget(self, name: str, *, audit: AuditEntry | None = None) -> bool:
        """See `Effects.forget`."""

        def act(scope: Scope) -> bool:
            known = scope.db.run(FORGET, (name,)) > 0
            if known:
                keep(scope, audit)
            return known

        return self._store.act(act)
