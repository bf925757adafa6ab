"""Housekeeping on demand."""

from __future__ import annotations

from horizon.control.acting import Stores, backend_of, entry
from horizon.security.permissions import Ability, Actor, require

ROUNDS = 20
"""Ticks of one call at the most; what is left is for the next one, or for the leader."""


class StoreControl:
    """The verbs on a store as a whole."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores

    def cleanup(self, actor: Actor, connection: str | None = None) -> int:
        """Remove now what has been kept as long as the settings say; returns how many records went.

        Raises PermissionDenied.
        """
        require(actor, Ability.OPERATE)
        backend = backend_of(self.stores, connection)
        trimmed = 0
        for _ in range(ROUNDS):
            ticked = backend.tick()
            trimmed += ticked.trimmed
            if not ticked.more:
                break
        backend.audit.append(entry(actor, "cleanup", "records kept long enough", count=trimmed))
        return trimmed
