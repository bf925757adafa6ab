"""What several pages read in the same way."""

from __future__ import annotations

from typing import Any

from flask import request

from horizon.backends.base import Backend
from horizon.backends.values import Operation
from horizon.control.acting import backend_of
from horizon.control.operations import OperationControl
from horizon.core.clock import SECOND, Micros
from horizon.core.states import JobState
from horizon.monitor.figures import Overview
from horizon.monitor.notices import notices
from horizon.security.permissions import Actor
from horizon.web.auth import current_actor
from horizon.web.pages.workers import old_workers
from horizon.web.state import State, state_of

ROWS = 25
"""Jobs on one page of a list where nothing else is asked for: a page stays below 40 kB."""
OPERATIONS = 5
JUST_OVER = 20 * SECOND
"""How long what became of a bulk act is told on every page."""


def connection() -> str | None:
    """The connection that the address names; None: the default one."""
    return request.args.get("connection") or None


def store() -> Backend:
    """The store the page is about. Raises NotFound for a connection that does not exist."""
    return backend_of(state_of().runtime, connection())


def standing() -> dict[str, Any]:
    """What stands around every page: figures for the navigation, bulk acts under way, who may do what."""
    state = state_of()
    actor, figures = current_actor(), state.stats.overview()
    return {
        "figures": figures,
        "notices": notices(figures, old_workers(state, figures)),
        "may_steer": actor.can("admin"),
        "counts": counts_of(figures, connection() or state.runtime.default),
        "operations": under_way(state, state.runtime.backend().now()),
        "connections": state.runtime.connections(),
        "connection": connection(),
        "may_operate": actor.can("operate"),
        "may_forget": actor.can("forget"),
    }


def counts_of(figures: Overview, connection: str) -> dict[JobState, int]:
    """Jobs per state on one connection: what its lists hold."""
    rows = [row for row in figures.queues if row.connection == connection]
    return {state: sum(row.count(state) for row in rows) for state in JobState}


def under_way(state: State, now: Micros) -> list[tuple[str | None, Operation]]:
    """(connection, None for the default one; bulk act) of those that are not over yet, or only just."""
    found = OperationControl(state.runtime).under_way(OPERATIONS)
    return [
        (None if name == state.runtime.default else name, one)
        for name, one in found
        if one.state == "running" or now - (one.finished_at or 0) < JUST_OVER
    ]


def actor() -> Actor:
    """Who asks."""
    return current_actor()
