"""Jobs on their way from one store to another: `horizon move --from A --to B`, the way back from a failover, the outbox.

No transaction spans two stores, so a job goes in three steps, each of them atomic and each to be repeated at will:

1. it is parked at its source, in a lane that no worker takes from (`core.lanes`), where it stays for as long as it takes;
2. it is pushed to its target, which is idempotent by id;
3. its record at the source is taken out of sight, with the reason `moved to TARGET`.

Whoever is killed between two of them leaves a job in a lane, and the next one goes on from there: the leader of the web
processes once a second, or the same command again. Not carried are jobs that others wait for, and blocked ones: what they
wait for is on this store.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from horizon.backends.base import Backend
from horizon.backends.values import ActParams, PushStatus, Verb
from horizon.control.acting import Stores
from horizon.core import lanes
from horizon.core.audit import AuditEntry
from horizon.core.clock import SECOND, Micros
from horizon.core.envelope import Envelope
from horizon.core.errors import BackendUnavailable, HorizonError, InvalidInput, QueueFull
from horizon.core.ids import token
from horizon.core.lanes import ASK, Lane
from horizon.core.query import JobQuery, Selection
from horizon.core.record import Record
from horizon.core.states import JobState

WAITING = (JobState.PENDING, JobState.SCHEDULED, JobState.RETRYING)
STEP = 100
"""Jobs carried together."""
WINDOW: Micros = 60 * SECOND
"""How long a push may be sent again without asking: no store forgets an id so young."""
LOCK, TTL = "carry", 30 * SECOND
log = logging.getLogger("horizon.control")


MOVED = "moved to "


def reason_of(to: str) -> str:
    """What the record at the source says."""
    return f"{MOVED}{to}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Carried:
    """What one step did."""

    arrived: int = 0
    duplicates: int = 0
    """Another job there holds their unique key: they are cancelled."""
    back: int = 0
    """Brought back to their queue: another job has come to wait for them."""
    left: int = 0
    """Still in a lane: the target is down, full, or refuses them."""

    def __add__(self, other: Carried) -> Carried:
        return Carried(
            arrived=self.arrived + other.arrived,
            duplicates=self.duplicates + other.duplicates,
            back=self.back + other.back,
            left=self.left + other.left,
        )


class Carrier:
    """Carries what waits in the lanes of one store. One at a time for each store: a lock sees to that."""

    def __init__(self, stores: Stores, source: str) -> None:
        self.stores, self.source = stores, source
        self._holder = token()

    def carry(self) -> Carried | None:
        """One step for each lane; None where somebody else is at it. Raises BackendUnavailable for the source alone."""
        store = self.stores.backend(self.source)
        found = waiting_lanes(store, self.stores.connections())
        if not found:
            return Carried()
        if store.locks.acquire(LOCK, self._holder, TTL) is None:
            return None
        done = Carried()
        for lane in found:
            done += self._lane(store, lane)
        self.release()
        return done

    def bring_back(self, lane: Lane, audit: AuditEntry) -> int:
        """Bring what has not arrived back to its queue; how many. Raises BackendUnavailable where the target cannot be asked
        which have, and InvalidInput while somebody is carrying."""
        store, target = self.stores.backend(self.source), self.stores.backend(lane.to)
        if store.locks.acquire(LOCK, self._holder, TTL) is None:
            raise InvalidInput(f"jobs of {self.source} are being carried just now; stop that first")
        brought = 0
        while page := store.find(JobQuery(queue=lane.name, states=WAITING, limit=STEP)).items:
            ids = [record.id for record in page]
            there = {record.id for record in target.many(ids) if self._arrived(record)}
            _act(store, there, Verb.FORGET, ActParams(reason=reason_of(lane.to)))
            brought += _act(store, [id for id in ids if id not in there], Verb.MOVE, ActParams(queue=lane.queue), audit)
        self.release()
        return brought

    def release(self) -> None:
        """Let somebody else carry at once."""
        store = self.stores.backend(self.source)
        lease = store.locks.read(LOCK)
        if lease is not None and lease.holder == self._holder:
            store.locks.release(lease)

    def _lane(self, store: Backend, lane: Lane) -> Carried:
        page = store.find(JobQuery(queue=lane.name, states=WAITING, limit=STEP, backwards=True))
        records = list(reversed(page.items))  # the oldest first: they queue up in that order there
        if lane.to == self.source:  # they are where they were to go
            return Carried(back=_act(store, [record.id for record in records], Verb.MOVE, ActParams(queue=lane.queue)))
        try:
            target = self.stores.outages.ask(lane.to, lambda: self.stores.backend(lane.to))
            records, done = self._certain(store, target, lane, records)
            return done + self._push(store, target, lane, [record.id for record in records])
        except BackendUnavailable:
            return Carried(left=len(page.items))

    def _certain(self, store: Backend, target: Backend, lane: Lane, records: Sequence[Record]) -> tuple[list[Record], Carried]:
        """Those to push. Of jobs whose push may have arrived, those that the target knows are done; one that it does not
        know any more after the window is held: whether it ran and was removed, a person must say."""
        if lane.kind != ASK:
            return list(records), Carried()
        there = self.stores.outages.ask(lane.to, lambda: target.many([record.id for record in records]))
        known = {record.id for record in there if self._arrived(record)}
        young = [record for record in records if record.id not in known and store.now() - record.created_at < WINDOW]
        _act(store, known, Verb.FORGET, ActParams(reason=reason_of(lane.to)))
        return young, Carried(arrived=len(known), left=len(records) - len(known) - len(young))

    def _push(self, store: Backend, target: Backend, lane: Lane, ids: Sequence[str]) -> Carried:
        if not ids:
            return Carried()
        wanted = {id for id in ids if _is_waited_for(store, id)}
        _act(store, wanted, Verb.MOVE, ActParams(queue=lane.queue))
        envelopes = [replace(one, queue=lane.queue) for one in store.envelopes([id for id in ids if id not in wanted])]
        answers = self.stores.outages.ask(lane.to, lambda: dict(_pushed(target, envelopes)))
        for one in envelopes:
            known = target.get(one.id) if answers.get(one.id) is PushStatus.EXISTS else None
            if known is not None and not self._arrived(known) and not _revive(target, one, known):
                answers[one.id] = PushStatus.DUPLICATE
        arrived = {id for id, answer in answers.items() if answer in (PushStatus.CREATED, PushStatus.EXISTS)}
        twins = {id for id, answer in answers.items() if answer is PushStatus.DUPLICATE}
        _act(store, arrived, Verb.FORGET, ActParams(reason=reason_of(lane.to)))
        _act(store, twins, Verb.CANCEL, ActParams(reason=f"duplicate of a job on {lane.to}, which holds its unique key"))
        left = len(envelopes) - len(arrived) - len(twins)
        return Carried(arrived=len(arrived), duplicates=len(twins), back=len(wanted), left=left)

    def _arrived(self, record: Record) -> bool:
        """Whether a job is where we bring it, or has gone on from there. What it left behind there on an earlier way, which led
        back to us, is no arrival. Raises BackendUnavailable where one of the stores on that way does not answer."""
        passed: set[str] = set()
        while is_trace(record):
            to = (record.reason or "").removeprefix(MOVED)
            if to == self.source or to in passed or to not in self.stores.connections():
                return False
            passed.add(to)
            found = self.stores.outages.ask(to, lambda to=to, id=record.id: self.stores.backend(to).many([id]))  # type: ignore[misc]
            if not found:
                return False
            record = found[0]
        return True


def waiting_lanes(store: Backend, connections: Sequence[str]) -> list[Lane]:
    """The lanes of a store in which jobs wait."""
    rows = [row.queue for row in store.numbers.counts() if lanes.is_lane(row.queue) and any(row.counts.get(state) for state in WAITING)]
    return [lane for name in rows if (lane := lanes.read(name, connections)) is not None]


def park(store: Backend, to: str, queue: str, audit: AuditEntry | None, query: JobQuery | None = None) -> Iterator[tuple[int, int]]:
    """Park what waits in a queue, the oldest first; yields (parked, left alone) of each step. Raises InvalidOption."""
    name, cursor = lanes.lane(lanes.TO, to, queue), None
    while True:
        asked = replace(query or JobQuery(), queue=queue, states=WAITING, limit=STEP, backwards=True, cursor=cursor)
        page = store.find(asked)
        ids = [record.id for record in reversed(page.items) if record.group is None and not _is_waited_for(store, record.id)]
        parked = _act(store, ids, Verb.MOVE, ActParams(queue=name), audit)
        yield parked, len(page.items) - parked
        cursor = page.next
        if cursor is None:
            return


def _is_waited_for(store: Backend, id: str) -> bool:
    record = store.get(id)
    return record is not None and bool(record.dependants)


def _pushed(target: Backend, envelopes: Sequence[Envelope]) -> Iterator[tuple[str, PushStatus]]:
    """What became of each; those that are refused are left out. Raises BackendUnavailable."""
    try:
        yield from ((answer.id, answer.status) for answer in target.push(envelopes))
    except BackendUnavailable:
        raise
    except HorizonError as error:
        if len(envelopes) > 1:
            for one in envelopes:
                yield from _pushed(target, [one])
        elif not isinstance(error, QueueFull):
            log.warning("the job %s stays in its lane, because %s refuses it: %s", envelopes[0].id, target.name, error)


def _revive(target: Backend, envelope: Envelope, record: Record) -> bool:
    """Let a job go on where it was before it was moved away from there; False where another one holds its unique key."""
    if record.forgotten:
        _act(target, [envelope.id], Verb.RESTORE, ActParams())
    if record.queue != envelope.queue:
        _act(target, [envelope.id], Verb.MOVE, ActParams(queue=envelope.queue))
    return bool(_act(target, [envelope.id], Verb.RETRY, ActParams(at=envelope.available_at, tries=envelope.tries)))


def is_trace(record: Record) -> bool:
    """Whether a record is only what a job left behind that was moved to another connection."""
    return record.state is JobState.CANCELLED and (record.reason or "").startswith(MOVED)


def _act(store: Backend, ids: Sequence[str] | set[str], verb: Verb, params: ActParams, audit: AuditEntry | None = None) -> int:
    """Do it; how many were done."""
    if not ids:
        return 0
    return len(store.act(Selection(ids=tuple(ids)), verb, params, audit=audit).done)
