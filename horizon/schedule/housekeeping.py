"""What the leader does every second: let the store promote, return, fold and trim, until nothing is left over."""

from __future__ import annotations

from collections.abc import Callable

from horizon.backends.base import Backend
from horizon.backends.values import Ticked
from horizon.core.clock import monotonic

BUDGET = 2.0
"""Seconds one run may go on; the lease is renewed between two runs."""


def sweep(backend: Backend, *, budget: float = BUDGET, stopped: Callable[[], bool] = lambda: False) -> list[Ticked]:
    """Tick until nothing is left over, the time is used up, or somebody wants to stop; returns what each tick did."""
    deadline = monotonic() + budget
    done = [backend.tick()]
    while done[-1].more and monotonic() < deadline and not stopped():
        done.append(backend.tick())
    return done
