"""What several pages read in the same way."""

from __future__ import annotations

from typing import Any

from flask import g, request

from horizon.backends.base import Backend
from horizon.backends.values import Operation
from horizon.control.acting import Stores, backend_of
from horizon.control.many_groups import is_short
from horizon.control.operations import OperationControl
from horizon.core.alert import ACTIVE, Alert
from horizon.core.clock import SECOND, Micros
from horizon.core.errors import BackendUnavailable
from horizon.core.states import JobState
from horizon.monitor import alerts
from horizon.monitor.figures import Overview
from horizon.monitor.notices import notices
from horizon.security.permissions import Actor
from horizon.web import live
from horizon.web.auth import current_actor
from horizon.web.glance import Glance
from horizon.web.pages.workers import old_workers
from horizon.web.state import state_of

ROWS = 25
"""Jobs on one page of a list where nothing else is asked for: a page stays below 40 kB."""
OPERATIONS = 5
JUST_OVER = 20 * SECOND
"""How long what became of a bulk act is told on every page."""


def connection() -> str | None:
    """The connection that the address names; None: all of them together."""
    return request.args.get("connection") or None


def store() -> Backend:
    """The store the page is about. Raises NotFound for a connection that does not exist."""
    return backend_of(stores(), connection())


def stores() -> Stores:
    """Every store; those of a live page answer what is asked of them once for all who look at the same moment."""
    found: Glance | None = g.get("_horizon_glance")
    return state_of().runtime if found is None else found


def look() -> Glance:
    """The glance at the stores from which this request is answered: of its own, but for a page that asks for news."""
    glances, seen = state_of().glances, request.headers.get(live.SEEN_HEADER, "")
    if live.AFRESH_HEADER in request.headers:
        found = glances.afresh()
    elif seen.isascii() and seen.isdecimal() and len(seen) < 30:
        backend_of(state_of().runtime, connection())  # for the NotFound of a connection that does not exist
        found = glances.shared(connection(), int(seen))
    else:
        found = glances.own()
    g._horizon_glance = found
    return found


def asked() -> float | None:
    """When the glance began from which this request is answered, by the clock of this process: what was read since will do."""
    found: Glance | None = g.get("_horizon_glance")
    return None if found is None else found.begun


def figures() -> Overview:
    """The figures of all stores."""
    found: Glance | None = g.get("_horizon_glance")
    return state_of().stats.overview() if found is None else found.figures()[0]


def standing() -> dict[str, Any]:
    """What stands around every page: figures for the navigation, bulk acts under way, who may do what."""
    state = state_of()
    actor, told = current_actor(), figures()
    return {
        "figures": told,
        "notices": notices(told, old_workers(state, told)),
        "may_steer": actor.can("admin"),
        "counts": counts_of(told, connection()),
        "operations": under_way(stores().everywhere().now()),
        "connections": state.runtime.connections(),
        "connection": connection(),
        "calling": calling(told.at),
        "may_operate": actor.can("operate"),
        "may_forget": actor.can("forget"),
    }


def active_alerts() -> list[Alert]:
    """Those that are not over; none where the store that keeps them does not answer, which is told elsewhere."""
    try:
        return alerts.active(stores().backend())
    except BackendUnavailable:
        return []


def calling(now: Micros) -> tuple[int, bool]:
    """How many active alerts nobody has taken on yet, and whether one of them is grave."""
    left = [one for one in active_alerts() if one.state(now) == ACTIVE]
    return len(left), any(one.severity.grave for one in left)


def counts_of(figures: Overview, connection: str | None) -> dict[JobState, int]:
    """Jobs per state on one connection (None: on all of them): what its lists hold."""
    if connection is None:
        return dict(figures.counts)
    rows = [row for row in figures.queues if row.connection == connection]
    counts = {state: sum(row.count(state) for row in rows) for state in JobState}
    counts[JobState.FAILED] += sum(row.dead for row in rows)
    return counts


def under_way(now: Micros) -> list[Operation]:
    """Bulk acts that are not over yet, or only just, on whichever connections; what was over at once was told at once."""
    found = OperationControl(stores()).list(OPERATIONS)
    return [one for one in found if one.state == "running" or (now - (one.finished_at or 0) < JUST_OVER and not is_short(one))]


def actor() -> Actor:
    """Who asks."""
    return current_actor()
