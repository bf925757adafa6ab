"""Commands to workers: each is left in the store and handed out with the worker's next renewal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from horizon.backends.base import Backend
from horizon.backends.together.members import Members
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
        names = self.stores.connections() if connection is None else (connection,)
        if session is not None:
            names = (self._home_of(session, names),)
        asked = Members(self.stores).all(lambda store: store.sessions.command(verb, session=session, audit=audit), names)
        return sum(asked.values())

    def _home_of(self, session: str, names: Sequence[str]) -> str:
        """The connection on which the worker lives. Raises NotFound."""
        for name in names:
            backend_of(self.stores, name)
        for name, found in Members(self.stores).all(living, names).items():
            if any(record.info.id == session for record in found):
                return name
        raise NotFound(f"no living worker has the session {session[:80]!r}; the page Workers and `horizon status` list them")


def living(backend: Backend) -> list[SessionRecord]:
    """Workers whose lease stands."""
    return [record for record in backend.sessions.list(kind="worker") if record.alive]
