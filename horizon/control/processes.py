"""Commands to workers: each is left in the store and handed out with the worker's next renewal."""

from __future__ import annotations

from horizon.backends.base import Backend
from horizon.backends.values import SessionRecord
from horizon.control.acting import Stores, backend_of, entry
from horizon.control.verbs import unknown
from horizon.core.errors import NotFound
from horizon.security.permissions import Ability, Actor, require

COMMANDS = ("pause", "resume", "stop", "restart")


class ProcessControl:
    """The verbs on workers of one app."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores

    def command(self, actor: Actor, verb: str, *, session: str | None = None, connection: str | None = None) -> int:
        """Ask one worker, or every living one, to do something; returns how many were asked.

        Raises UnknownAction, PermissionDenied, NotFound where the worker named is not alive.
        """
        if verb not in COMMANDS:
            raise unknown(verb, list(COMMANDS))
        require(actor, Ability.ADMIN)
        backend = backend_of(self.stores, connection)
        if session is not None and not any(record.info.id == session for record in living(backend)):
            raise NotFound(f"no living worker has the session {session[:80]!r}; `horizon status` lists them")
        return backend.sessions.command(verb, session=session, audit=entry(actor, verb, f"session:{session}" if session else "workers"))


def living(backend: Backend) -> list[SessionRecord]:
    """Workers whose lease stands."""
    return [record for record in backend.sessions.list(kind="worker") if record.alive]
