"""Bulk acts under way: look, and stop."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.backends.values import Operation
from horizon.control.acting import Stores, backend_of, entry
from horizon.core.errors import NotFound
from horizon.security.permissions import Ability, Actor, require


class OperationControl:
    """The verbs on stored operations of one app."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores

    def get(self, id: str, connection: str | None = None) -> Operation:
        """One of them, wherever it is. Raises NotFound."""
        for name in (connection,) if connection else self.stores.connections():
            found = backend_of(self.stores, name).operations.get(id)
            if found is not None:
                return found
        raise NotFound(f"there is no operation {id[:80]!r}")

    def list(self, limit: int = 50, connection: str | None = None) -> Sequence[Operation]:
        """Newest first."""
        return backend_of(self.stores, connection).operations.list(limit)

    def stop(self, actor: Actor, id: str, connection: str | None = None) -> Operation:
        """Go no further; what was done stays done. Raises PermissionDenied, NotFound."""
        require(actor, Ability.OPERATE)
        return backend_of(self.stores, connection).operations.stop(id, audit=entry(actor, "stop", f"operation:{id}"))
