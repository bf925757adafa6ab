"""The reference: every promise of `backends/base.py` in plain dicts, inside one process and gone with it.

One lock is held for the whole of each act, and each act checks everything before its first write: that is all its
atomicity. What it does is meant to be read beside another backend's file of the same name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from horizon.backends.base import Backend
from horizon.backends.memory import read
from horizon.backends.memory.accounts import MemoryAccounts
from horizon.backends.memory.act import act
from horizon.backends.memory.audit import MemoryAudit
from horizon.backends.memory.effects import MemoryEffects
from horizon.backends.memory.envelopes import envelopes
from horizon.backends.memory.groups import MemoryGroups
from horizon.backends.memory.hidden import hidden
from horizon.backends.memory.inbox import MemoryInbox
from horizon.backends.memory.kernel.groups import ripen_all
from horizon.backends.memory.kernel.leveling import level_all
from horizon.backends.memory.kernel.store import Store
from horizon.backends.memory.limits import MemoryLimits
from horizon.backends.memory.locks import MemoryLocks
from horizon.backends.memory.meters import MemoryMeters
from horizon.backends.memory.notes import MemoryNotes
from horizon.backends.memory.numbers import MemoryNumbers
from horizon.backends.memory.operations import MemoryOperations
from horizon.backends.memory.progress import MemoryProgress
from horizon.backends.memory.push import push
from horizon.backends.memory.queues import MemoryQueues
from horizon.backends.memory.schedules import MemorySchedules
from horizon.backends.memory.sessions import MemorySessions
from horizon.backends.memory.tags import MemoryTags
from horizon.backends.memory.tick import tick
from horizon.backends.memory.turn import turn
from horizon.backends.memory.wait import wait
from horizon.backends.placing import Noted
from horizon.backends.spread import Spread, Tally
from horizon.backends.values import Acted, ActParams, Cause, Pushed, StoreOptions, Ticked, Turned, Verb, Want
from horizon.core.audit import AuditEntry
from horizon.core.clock import Micros
from horizon.core.envelope import Envelope
from horizon.core.group import NewGroup
from horizon.core.outcome import Outcome
from horizon.core.query import JobQuery, Page, Selection
from horizon.core.record import Record


class MemoryBackend(Backend):
    """See `Backend`. Each instance is a store of its own: `memory://` is shared by nobody."""

    kind = "memory"

    def __init__(self, url: str, options: StoreOptions) -> None:
        self._store = Store(options)
        self._store.at_end = partial(_settle_down, self._store)
        self.name = options.name
        self.location = url
        self.sessions = MemorySessions(self._store)
        self.locks = MemoryLocks(self._store)
        self.numbers = MemoryNumbers(self._store)
        self.audit = MemoryAudit(self._store)
        self.groups = MemoryGroups(self._store)
        self.inbox = MemoryInbox(self._store)
        self.queues = MemoryQueues(self._store)
        self.operations = MemoryOperations(self._store)
        self.progress = MemoryProgress(self._store)
        self.limits = MemoryLimits(self._store)
        self.schedules = MemorySchedules(self._store)
        self.accounts = MemoryAccounts(self._store)
        self.meters = MemoryMeters(self._store)
        self.effects = MemoryEffects(self._store)
        self.notes = MemoryNotes(self._store)
        self.tags = MemoryTags(self._store)

    def push(
        self,
        envelopes: Sequence[Envelope],
        *,
        groups: Sequence[NewGroup] = (),
        seal: Sequence[str] = (),
        audit: AuditEntry | None = None,
    ) -> list[Pushed]:
        """See `Backend.push`."""
        with self._store.act() as now:
            return push(self._store, envelopes, now, groups=groups, seal=seal, audit=audit)

    def turn(self, outcomes: Sequence[Outcome], want: Want | None = None) -> Turned:
        """See `Backend.turn`."""
        with self._store.act() as now:
            return turn(self._store, outcomes, want, now)

    def tick(self, *, limit: int = 500) -> Ticked:
        """See `Backend.tick`."""
        with self._store.act() as now:
            return tick(self._store, now, limit)

    def act(self, selection: Selection, verb: Verb, params: ActParams | None = None, *, audit: Noted = None) -> Acted:
        """See `Backend.act`."""
        with self._store.act() as now:
            return act(self._store, selection, verb, params or ActParams(), now, audit)

    def wait(self, queues: Sequence[str], timeout: float) -> bool:
        """See `Backend.wait`."""
        return wait(self._store, queues, timeout)

    def wake(self) -> None:
        """See `Backend.wake`."""
        with self._store.lock:
            self._store.wake()

    def get(self, id: str) -> Record | None:
        """See `Backend.get`."""
        with self._store.lock:
            return read.get(self._store, id)

    def many(self, ids: Sequence[str]) -> list[Record]:
        """See `Backend.many`."""
        with self._store.lock:
            return read.many(self._store, ids)

    def envelopes(self, ids: Sequence[str]) -> list[Envelope]:
        """See `Backend.envelopes`."""
        with self._store.act() as now:
            return envelopes(self._store, ids, now)

    def hidden(self, *, before: tuple[Micros, int] | None = None, limit: int = 50) -> list[tuple[Micros, Record]]:
        """See `Backend.hidden`."""
        with self._store.act() as now:
            return hidden(self._store, now, before, limit)

    def find(self, query: JobQuery) -> Page:
        """See `Backend.find`."""
        with self._store.lock:
            return read.find(self._store, query)

    def causes(self, since: Micros, limit: int = 20) -> list[Cause]:
        """See `Backend.causes`."""
        with self._store.lock:
            return read.causes(self._store, since, limit)

    def spread(self, since: Micros, until: Micros, spans: int = 30) -> Mapping[str, Spread]:
        """See `Backend.spread`."""
        with self._store.lock:
            return read.spread_of(self._store, since, until, spans)

    def tally(self, causes: Sequence[str]) -> Mapping[str, Tally]:
        """See `Backend.tally`."""
        with self._store.lock:
            return read.tally(self._store, causes)

    def ahead(self, record: Record) -> int | None:
        """See `Backend.ahead`."""
        with self._store.lock:
            return read.ahead(self._store, record)

    def oldest(self, queues: Sequence[str] | None = None) -> dict[str, Micros]:
        """See `Backend.oldest`."""
        with self._store.lock:
            return read.oldest(self._store, queues)

    def remaining(self, queues: Sequence[str] = ()) -> int:
        """See `Backend.remaining`."""
        with self._store.lock:
            return read.remaining(self._store, queues)

    def version(self) -> int:
        """See `Backend.version`."""
        return self._store.version

    def now(self) -> Micros:
        """See `Backend.now`."""
        return self._store.now()

    def ready(self) -> None:
        """Nothing to make: the store came with the object."""

    def warnings(self) -> Sequence[str]:
        """See `Backend.warnings`."""
        return ("the memory store ends with its process and is seen by no other one: use it in tests only",)

    def close(self) -> None:
        """Nothing to let go of; the jobs stay as long as the object."""


def _settle_down(store: Store, now: Micros) -> None:
    """What follows from an act, before the next one comes."""
    ripen_all(store, now)
    level_all(store, now)
