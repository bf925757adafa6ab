"""Notes once for each version of the code that a worker runs it, for the marks in charts."""

from __future__ import annotations

from horizon.control.acting import Stores
from horizon.core.clock import monotonic
from horizon.core.errors import BackendUnavailable
from horizon.monitor.deploys import unseen

EVERY = 10.0
"""Seconds between two looks at the workers of a store."""


class Deploys:
    """Belongs to the thread that ticks."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores
        self._known: set[str] = set()
        self._look_at: dict[str, float] = {}

    def run(self, connection: str) -> None:
        """Look at the workers of one store. Raises BackendUnavailable for that store, and not for the default one, which has the notes."""
        if monotonic() < self._look_at.get(connection, 0.0):
            return
        self._look_at[connection] = monotonic() + EVERY
        changes = unseen(self.stores.backend(connection).sessions.list(kind="worker"), self._known)
        if not changes:
            return
        try:
            self.stores.backend().notes.write(changes)
        except BackendUnavailable:
            return  # it is noted at the next look
        self._known |= {change.name for change in changes}
