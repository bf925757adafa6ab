"""The ledger of effects, for people: look one up, let it take place again."""

from __future__ import annotations

from horizon.backends.base import Backend
from horizon.control.acting import Stores, entry
from horizon.core.effect import Effect
from horizon.core.errors import NotFound
from horizon.jobs.idempotent import named
from horizon.security.permissions import Ability, Actor, require


class EffectControl:
    """The verbs on the effects of one connection (None: the default one)."""

    def __init__(self, stores: Stores, connection: str | None = None) -> None:
        if connection is not None and connection not in stores.connections():
            raise NotFound(f"there is no connection {connection!r}; there are: {', '.join(stores.connections())}")
        self.backend: Backend = stores.backend(connection)

    def find(self, actor: Actor, key: str, job: str | None = None) -> Effect | None:
        """The effect of this key; with `job`, its class's stored name: that of whole jobs with this idempotency key."""
        require(actor, Ability.VIEW)
        name = _name(key, job)
        return self.backend.effects.get([name]).get(name)

    def forget(self, actor: Actor, key: str, job: str | None = None) -> bool:
        """Let it take place again; False where it was not known. Raises PermissionDenied."""
        require(actor, Ability.FORGET)
        name = _name(key, job)
        return self.backend.effects.forget(name, audit=entry(actor, "forget effect", name))


def _name(key: str, job: str | None) -> str:
    return key if job is None else named(job, key)
