"""A shop with two stores, filled by hand: what tests of control and monitor play with."""

from __future__ import annotations

from typing import cast

from horizon.backends.base import Backend
from horizon.backends.connect import connect
from horizon.backends.outages import Outages
from horizon.backends.together.backend import Together
from horizon.backends.values import SessionInfo, StoreOptions, Want
from horizon.core.clock import SECOND, ManualClock
from horizon.core.envelope import Envelope
from horizon.core.ids import uuid7
from horizon.core.outcome import Failure, Kind, Outcome
from horizon.security.permissions import Actor
from tests.stores.lending import fresh

ANA = Actor(name="ana", role="admin", origin="web 127.0.0.1")
OTTO = Actor(name="otto", role="operator", origin="cli")
VERA = Actor(name="vera", role="viewer", origin="api 127.0.0.1")


class Shop:
    """Two stores and hands to fill them with; stands for a runtime where only its stores are asked for."""

    default = "default"

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.outages = Outages()
        self.stores = {name: connect(fresh(), StoreOptions(name=name, clock=clock)) for name in ("default", "archive")}

    def backend(self, connection: str | None = None) -> Backend:
        return self.stores[connection or self.default]

    def connections(self) -> tuple[str, ...]:
        return tuple(self.stores)

    def failovers(self) -> tuple[tuple[str, str], ...]:
        return ()

    def everywhere(self) -> Backend:
        return cast(Backend, Together(self))

    def push(self, count: int = 1, *, queue: str = "mail", connection: str | None = None, **more: object) -> list[str]:
        ids = [uuid7() for _ in range(count)]
        made = [Envelope(id=id, name="shop:Send", queue=queue, payload=b'{"args":{}}', **more) for id in ids]
        self.backend(connection).push(made)
        return ids

    def run(self, count: int = 1, kind: Kind = Kind.COMPLETED, *, queue: str = "mail", took: float = 0.2) -> list[str]:
        """Reserve and settle."""
        store = self.backend()
        taken = store.turn([], Want(session=self.worker(), executor=0, count=count, queues=(queue,))).reservations
        failure = Failure(type="SMTPError", message="refused", cause="smtp") if kind in (Kind.FAILED, Kind.RETRY) else None
        store.turn(
            [
                Outcome(id=job.id, ref=job.ref, token=job.token, kind=kind, error=failure, runtime=round(took * SECOND), delay=60 * SECOND)
                for job in taken
            ]
        )
        return [job.id for job in taken]

    def start(self, queue: str = "mail") -> str:
        """Reserve one and leave it running."""
        return self.backend().turn([], Want(session=self.worker(), executor=0, count=1, queues=(queue,))).reservations[0].id

    def worker(self, id: str = "w1", **more: object) -> str:
        """A living worker's session."""
        self.backend().sessions.open(SessionInfo(id=id, kind="worker", host="here", pid=1, **more), 3600 * SECOND)
        return id

    def state(self, id: str) -> str:
        return self.backend().many([id])[0].state.value
