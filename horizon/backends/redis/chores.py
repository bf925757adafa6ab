"""Housekeeping in small steps: what a worker does on its way once a second, so that nothing depends on anybody ticking."""

from __future__ import annotations

from horizon.backends.redis.operations import has_running, step
from horizon.backends.redis.store import Store
from horizon.backends.redis.trim import sweep, trim
from horizon.core.clock import SECOND, Micros
from horizon.core.errors import BackendUnavailable

EVERY: Micros = SECOND
SWEEP_EVERY = 30
"""Rounds of chores between two looks at what grows slowly."""
PORTION, PORTIONS = 250, 40
"""Old records removed in one act, and acts in one round: as many as a busy worker ends in a second."""


def on_the_way(store: Store, now: Micros) -> None:
    """What a turn does after its own work. A store that does not answer is told of by the next turn."""
    if store.last_chores is not None and 0 <= now - store.last_chores < EVERY:
        return
    store.last_chores = now
    store.rounds += 1
    try:
        if has_running(store):
            step(store)
        for _ in range(PORTIONS):
            if trim(store, PORTION) < PORTION:
                break
        if store.rounds % SWEEP_EVERY == 0:
            sweep(store, PORTION)
    except BackendUnavailable:
        return
