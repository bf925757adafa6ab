"""Whom the figures are asked of: the stores of an app, and what it knows of jobs."""

from __future__ import annotations

from typing import Protocol, cast

from horizon.backends.base import Backend
from horizon.backends.outages import Outages
from horizon.core import current
from horizon.core.clock import SECOND
from horizon.core.errors import NotFound
from horizon.core.settings import Settings
from horizon.jobs.registry import Registry
from horizon.jobs.routing import Routing
from horizon.monitor.span import Kept


class Stores(Protocol):
    """What is needed of a runtime."""

    default: str
    registry: Registry
    routing: Routing
    outages: Outages
    settings: Settings

    def backend(self, connection: str | None = None) -> Backend:
        """The store of a connection; None: the default one."""

    def connections(self) -> tuple[str, ...]:
        """Every connection by name."""

    def everywhere(self) -> Backend:
        """All stores as one."""


def kept(asked: Stores) -> Kept:
    """For how long minutes, hours and days are kept, as the settings say."""
    settings = asked.settings
    return Kept(
        minutes=round(settings.KEEP_MINUTES * SECOND), hours=round(settings.KEEP_HOURS * SECOND), days=round(settings.KEEP_DAYS * SECOND)
    )


def stores() -> Stores:
    """Those of the app that is meant: of the current app context, else of the only app there is. Raises NoApp."""
    return cast(Stores, current.get())


def backend_of(asked: Stores, connection: str | None) -> Backend:
    """The store of a connection; None: all of them as one. Raises NotFound for another name, with those there are."""
    if connection is None:
        return asked.everywhere()
    if connection not in asked.connections():
        raise NotFound(f"there is no connection {connection!r}; there are: {', '.join(asked.connections())}")
    return asked.backend(connection)
