"""Circuits: close one by hand, where somebody knows that the service works again."""

from __future__ import annotations

from horizon.backends import circuits as kept
from horizon.backends.circuits import CircuitRecord
from horizon.control.acting import Stores, backend_of, entry
from horizon.core.errors import InvalidTransition, NotFound
from horizon.security.permissions import Ability, Actor, require


class CircuitControl:
    """The verbs on circuits of one app."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores

    def close(self, actor: Actor, service: str, *, connection: str | None = None) -> CircuitRecord:
        """Let jobs use the service again, at once; how it stands then. It opens again when they fail.

        Raises PermissionDenied, NotFound, InvalidTransition where it is closed.
        """
        require(actor, Ability.OPERATE)
        store = backend_of(self.stores, connection or self.stores.default)
        found = kept.circuit(store, service)
        if found is None:
            raise NotFound(f"no job of the connection {connection or self.stores.default} has used a circuit {service[:80]!r}")
        if not kept.close(store, found.circuit):
            raise InvalidTransition(f"the circuit {service} is closed: jobs use it")
        store.audit.append(
            entry(
                actor,
                "close circuit",
                f"circuit:{service}",
                detail=f"it was {found.state}",
                changes=(("state", str(found.state), str(kept.State.CLOSED)),),
            )
        )
        return CircuitRecord(circuit=found.circuit, state=kept.state(store, service))
