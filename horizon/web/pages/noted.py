"""What people keep on the default connection, for pages that go on without it while it does not answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from horizon.backends.tags import Watched
from horizon.control.acting import Stores
from horizon.control.views import SavedView, ViewControl
from horizon.control.watching import WatchControl
from horizon.core.errors import BackendUnavailable
from horizon.security.permissions import Actor

T = TypeVar("T")


def views(stores: Stores, actor: Actor, page: str = "") -> list[SavedView] | None:
    """Saved views that this actor may open; None while nobody can say."""
    return _asked(stores, lambda: ViewControl(stores).seen_by(actor, page))


def watched(stores: Stores) -> list[Watched] | None:
    """Watched tags; None while nobody can say."""
    return _asked(stores, WatchControl(stores).list)


def schedules(stores: Stores) -> list[str]:
    """Names of stored schedules, as far as anybody can say."""
    return _asked(stores, lambda: [one.name for one in stores.backend().schedules.all()]) or []


def _asked(stores: Stores, ask: Callable[[], T]) -> T | None:
    try:
        return stores.outages.ask(stores.default, ask)
    except BackendUnavailable:
        if len(stores.connections()) == 1:
            raise  # then there is nothing else to show either
        return None
