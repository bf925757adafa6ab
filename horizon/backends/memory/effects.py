"""Effects that took place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from horizon.backends.effects import Effects
from horizon.backends.memory.kernel.store import Store
from horizon.core.audit import AuditEntry
from horizon.core.effect import Effect


class MemoryEffects(Effects):
    """See `Effects`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, names: Sequence[str]) -> Mapping[str, Effect]:
        """See `Effects.get`."""
        with self._store.lock:
            return {name: self._store.effects[name] for name in names if name in self._store.effects}

    def forget(self, name: str, *, audit: AuditEntry | None = None) -> bool:
        """See `Effects.forget`."""
        with self._store.act() as now:
            known = self._store.effects.pop(name, None) is not None
            if known:
                self._store.keep(audit, now)
            return known
