"""Commands to workers: each is left in the store and handed out with the worker's next renewal."""

from __future__ import annotations

from collections.abc import Mapping

from horizon.backends.base import Backend
from horizon.backends.values import SessionRecord
from horizon.control.acting import Stores, backend_of, entry
from horizon.control.verbs import unknown
from horizon.core.errors import NotFound
from horizon.security.permissions import Ability, Actor, require

COMMANDS: Mapping[str, str] = {
    "pause": "start no further job; what runs goes on",
    "resume": "start jobs again",
    "restart": "replace each executor as soon as it has finished what it runs; the new ones load the code as it is then",
    "stop": "finish what runs, then end; whatever keeps the worker alive may start it again",
}
"""What a worker can be asked, and what it then does."""
ABILITY = Ability.ADMIN


class ProcessControl:
    """The verbs on workers of one app."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores

    def command(self, actor: Actor, verb: str, *, session: str | None = None, connection: str | None = None) -> int:
        """Ask one worker, or every living one, to do something; returns how many were asked.

        Without a connection every one is meant. Raises UnknownAction, PermissionDenied, NotFound where the worker named
        is not alive.
        """
        if verb not in COMMANDS:
            raise unknown(verb, list(COMMANDS))
        require(actor, ABILITY)
        audit = entry(actor, verb, f"session:{session}" if session else "workers")
        if session is not None:
            return self._home_of(session, connection).sessions.command(verb, session=session, audit=audit)
        return sum(backend.sessions.command(verb, audit=audit) for backend in self._backends(connection))

    def _home_of(self, session: str, connection: str | None) -> Backend:
        """The store in which the worker lives. Raises NotFound."""
        for backend in self._backends(connection):
            if any(record.info.id == session for record in living(backend)):
                return backend
        raise NotFound(f"no living worker has the session {session[:80]!r}; the page Workers and `horizon status` list them")

    def _backends(self, connection: str | None) -> list[Backend]:
        names = self.stores.connections() if connection is None else (connection,)
        return [backend_of(self.stores, name) for name in names]


def living(backend: Backend) -> list[SessionRecord]:
    """Workers whose lease stands."""
    return [record for record in backend.sessions.list(kind="worker") if record.alive]
