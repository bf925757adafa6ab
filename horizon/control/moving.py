"""Carrying what waits on one connection over to another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from horizon.backends.base import Backend
from horizon.control import carrying
from horizon.control.acting import Stores, backend_of, entry
from horizon.control.carrying import WAITING, Carrier
from horizon.core import lanes
from horizon.core.clock import sleep
from horizon.core.errors import InvalidInput
from horizon.jobs import options
from horizon.security.permissions import Ability, Actor, require

PAUSE = 0.2
"""Seconds between two looks, where somebody else is carrying or nothing can be carried just now."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """How far it is."""

    parked: int = 0
    arrived: int = 0
    """By our hand: the leader of the web processes carries too."""
    left_alone: int = 0
    """Jobs that others wait for."""
    duplicates: int = 0
    on_their_way: int = 0


class MoveControl:
    """Moves between the connections of one app."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores

    def move(self, actor: Actor, source: str, to: str, queue: str | None = None) -> Iterator[Move]:
        """Carry over every pending, scheduled and retrying job (of one queue), each exactly once; yields after every step.

        May be broken off anywhere and begun again: what is on its way arrives by itself while a web process runs. Each job
        keeps its id and the tries it has used up; its history stays behind. Raises PermissionDenied, NotFound, InvalidInput, BackendUnavailable.
        """
        require(actor, Ability.ADMIN)
        store = backend_of(self.stores, source)
        backend_of(self.stores, to)
        if source == to:
            raise InvalidInput(f"the jobs are on {source} already; name another connection to move them to")
        names = [options.queue(queue)] if queue is not None else [name for name in _waiting_in(store) if not lanes.is_lane(name)]
        for name in names:
            lanes.lane(lanes.TO, to, name)
        return self._steps(actor, store, source, to, names)

    def _steps(self, actor: Actor, store: Backend, source: str, to: str, names: list[str]) -> Iterator[Move]:
        carrier = Carrier(self.stores, source)
        parked = left_alone = arrived = duplicates = 0
        for name in names:
            audit = entry(actor, "move", f"queue:{name}", detail=f"to the connection {to}")
            for some, others in carrying.park(store, to, name, audit):
                parked, left_alone = parked + some, left_alone + others
                done = carrier.carry() or carrying.Carried()
                arrived, duplicates, left_alone = arrived + done.arrived, duplicates + done.duplicates, left_alone + done.back
                yield Move(
                    parked=parked, arrived=arrived, left_alone=left_alone, duplicates=duplicates, on_their_way=self.under_way(source, to)
                )
        while under_way := self.under_way(source, to):
            done = carrier.carry() or carrying.Carried()
            arrived, duplicates, left_alone = arrived + done.arrived, duplicates + done.duplicates, left_alone + done.back
            yield Move(
                parked=parked, arrived=arrived, left_alone=left_alone, duplicates=duplicates, on_their_way=self.under_way(source, to)
            )
            if self.under_way(source, to) == under_way:
                sleep(PAUSE)
        yield Move(parked=parked, arrived=arrived, left_alone=left_alone, duplicates=duplicates)

    def under_way(self, source: str, to: str) -> int:
        """Jobs parked on one connection on their way to another."""
        store = backend_of(self.stores, source)
        wanted = {lane.name for lane in carrying.waiting_lanes(store, self.stores.connections()) if lane.to == to and lane.kind == lanes.TO}
        return sum(row.counts.get(state, 0) for row in store.numbers.counts() if row.queue in wanted for state in WAITING)

    def back(self, actor: Actor, source: str, to: str) -> int:
        """Give up: bring what is still parked back to its queues; returns how many. Raises PermissionDenied, NotFound."""
        require(actor, Ability.ADMIN)
        store = backend_of(self.stores, source)
        carrier = Carrier(self.stores, source)
        return sum(
            carrier.bring_back(lane, entry(actor, "move", f"queue:{lane.queue}", detail=f"back from its way to {to}"))
            for lane in carrying.waiting_lanes(store, self.stores.connections())
            if lane.to == to
        )


def _waiting_in(store: Backend) -> list[str]:
    return [row.queue for row in store.numbers.counts() if any(row.counts.get(state) for state in WAITING)]
