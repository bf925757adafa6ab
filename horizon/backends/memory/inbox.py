"""Jobs dispatched inside a host's transaction. Here there is no such transaction: they are committed at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from horizon.backends.memory.kernel.birth import available_at, create_ended
from horizon.backends.memory.kernel.store import Store
from horizon.backends.memory.push import push
from horizon.backends.nouns import Inbox
from horizon.backends.values import PushStatus
from horizon.core.clock import Micros
from horizon.core.envelope import Envelope
from horizon.core.errors import HorizonError, QueueFull
from horizon.core.states import JobState


def admit(store: Store, now: Micros, limit: int) -> int:
    """Push what waits, in order; what a full queue refuses goes on waiting, any other refusal ends as a record."""
    admitted = 0
    for id, (envelope, _) in list(store.inbox.items())[:limit]:
        if _admit_one(store, envelope, now):
            del store.inbox[id]
            admitted += 1
    return admitted


def _admit_one(store: Store, envelope: Envelope, now: Micros) -> bool:
    try:
        (answer,) = push(store, [envelope], now)
    except QueueFull:
        return False
    except HorizonError as error:
        create_ended(store, envelope, JobState.FAILED, f"refused: {error}", now)
        return True
    if answer.status is PushStatus.DUPLICATE:
        create_ended(store, envelope, JobState.CANCELLED, f"duplicate of {answer.holder}", now)
    return True


class MemoryInbox(Inbox):
    """See `Inbox`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, envelopes: Sequence[Envelope], *, connection: object) -> None:
        """See `Inbox.put`. A delay counts from here."""
        with self._store.act() as now:
            for envelope in envelopes:
                dated = replace(envelope, available_at=available_at(envelope, now), delay=0, created_at=envelope.created_at or now)
                self._store.inbox.setdefault(envelope.id, (dated, now))
            self._store.changed()
            self._store.stir()

    def waiting(self) -> int:
        """See `Inbox.waiting`."""
        with self._store.act():
            return len(self._store.inbox)

    def admit(self, limit: int = 500) -> int:
        """See `Inbox.admit`."""
        with self._store.act() as now:
            return admit(self._store, now, limit)
