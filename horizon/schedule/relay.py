"""What the leader carries from store to store: jobs in lanes, and what a failover took, back to where it belongs."""

from __future__ import annotations

import logging
from typing import Protocol

from horizon.backends.base import Backend
from horizon.control import carrying
from horizon.control.acting import Stores
from horizon.control.carrying import WAITING, Carrier
from horizon.core.audit import AuditEntry, AuditQuery
from horizon.core.clock import SECOND, monotonic
from horizon.core.errors import BackendUnavailable, InvalidOption
from horizon.core.lanes import is_lane
from horizon.core.query import JobQuery
from horizon.jobs.failover import ACTOR, DIVERTED, mark, target_of

EVERY = 2.0
"""Seconds between two looks whether there is anything to bring back from a failover."""
STEPS = 20
"""Steps of one run at the most."""
AGAIN = 60.0
"""Seconds between two looks where nobody says that there is any: who is cut off from a store that others reach goes on diverting, and says so
once; another one may have diverted its last just after the end was noted."""
SETTLED = 10 * SECOND
"""How long after the last word of a failover its end is noted: whoever dispatches may not have heard yet."""
DRAINED = "drained"
log = logging.getLogger("horizon.schedule")


class Connected(Stores, Protocol):
    """What is needed of a runtime."""

    def failovers(self) -> tuple[tuple[str, str], ...]:
        """(store, store that takes its jobs while it is down)."""


class Relay:
    """Belongs to the thread that ticks."""

    def __init__(self, stores: Connected) -> None:
        self.stores = stores
        self._look_at: dict[str, float] = {}
        self._again_at: dict[tuple[str, str], float] = {}

    def run(self, source: str) -> None:
        """One run for the lanes of one store. Raises BackendUnavailable for that store."""
        if len(self.stores.connections()) == 1:
            return
        self._bring_back(source)
        carrier = Carrier(self.stores, source)
        for _ in range(STEPS):
            done = carrier.carry()
            if done is None or not (done.arrived or done.back):
                return

    def _bring_back(self, source: str) -> None:
        """Park what this store took for another one that answers again."""
        if monotonic() < self._look_at.get(source, 0.0):
            return
        self._look_at[source] = monotonic() + EVERY
        store = self.stores.backend(source)
        for first, other in self.stores.failovers():
            if other == source and (self._is_time(source, first) or _is_owed(store, first)) and self._answers(first):
                self._again_at[source, first] = monotonic() + AGAIN
                self._park(store, first)

    def _is_time(self, source: str, first: str) -> bool:
        return monotonic() >= self._again_at.get((source, first), 0.0)

    def _answers(self, name: str) -> bool:
        try:
            self.stores.outages.ask(name, lambda: self.stores.backend(name).version())
        except BackendUnavailable:
            return False
        return True

    def _park(self, store: Backend, first: str) -> None:
        query = JobQuery(tag=mark(first))
        for row in store.numbers.counts():
            if not is_lane(row.queue) and any(row.counts.get(state) for state in WAITING):
                self._park_queue(store, first, row.queue, query)
        said = _latest(store, DIVERTED, first)
        if said is not None and store.now() - (said.at or 0) > SETTLED and _is_owed(store, first):
            store.audit.append(AuditEntry(actor=ACTOR, verb=DRAINED, target=target_of(first), detail=f"{first} answers again"))

    def _park_queue(self, store: Backend, first: str, queue: str, query: JobQuery) -> None:
        try:
            for _ in carrying.park(store, first, queue, None, query):
                pass
        except InvalidOption as error:
            log.warning("jobs that were to go to %s stay on %s: %s", first, store.name, error)


def _is_owed(store: Backend, first: str) -> bool:
    """Whether this store took jobs for another one since the last time they were brought back."""
    said, done = _latest(store, DIVERTED, first), _latest(store, DRAINED, first)
    return said is not None and (done is None or (done.at or 0) <= (said.at or 0))


def _latest(store: Backend, verb: str, first: str) -> AuditEntry | None:
    found = store.audit.find(AuditQuery(actor=ACTOR, verb=verb, limit=20)).items
    return next((entry for entry in found if entry.target == target_of(first)), None)
