"""What every file of this room needs: the stores to act on, and the audit entry of an act."""

from __future__ import annotations

from typing import Protocol

from horizon.backends.base import Backend
from horizon.backends.outages import Outages
from horizon.core.audit import AuditEntry, Changed
from horizon.core.errors import NotFound
from horizon.security.permissions import Actor


class Stores(Protocol):
    """What control needs of a runtime."""

    default: str
    outages: Outages

    def backend(self, connection: str | None = None) -> Backend:
        """The store of a connection; None: the default one."""

    def connections(self) -> tuple[str, ...]:
        """Every connection by name."""

    def everywhere(self) -> Backend:
        """All stores as one."""


MAX_REASON = 500


def entry(
    actor: Actor, verb: str, target: str, *, count: int = 1, detail: str | None = None, changes: tuple[Changed, ...] = ()
) -> AuditEntry:
    """The audit entry of an act by `actor`; the store fills in the time."""
    return AuditEntry(
        actor=actor.name,
        verb=verb,
        target=target[:500],
        count=count,
        detail=detail[:MAX_REASON] if detail else None,
        origin=actor.origin or None,
        changes=changes,
    )


def backend_of(stores: Stores, connection: str | None) -> Backend:
    """The store of a connection; None: all of them as one. Raises NotFound for another name, with those there are."""
    if connection is None:
        return stores.everywhere()
    if connection not in stores.connections():
        raise NotFound(f"there is no connection {connection!r}; there are: {', '.join(stores.connections())}")
    return stores.backend(connection)
