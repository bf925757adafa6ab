"""Ask the stores what has to be known to say why a job stands as it does: a handful of questions, however much is stored."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Protocol

from horizon.backends import circuits
from horizon.backends.base import Backend
from horizon.backends.circuits import CircuitRecord, State
from horizon.backends.values import SessionRecord
from horizon.core import dead
from horizon.core.audit import AuditQuery
from horizon.core.clock import Micros
from horizon.core.group import GroupRecord
from horizon.core.record import Record
from horizon.core.states import JobState
from horizon.jobs.vocabulary import CLASSES
from horizon.monitor.figures import Overview, QueueFigures
from horizon.monitor.why import ended, waiting
from horizon.monitor.why.facts import Facts, Pause, Point
from horizon.monitor.workers import Worker, worker

PAUSING = ("pause", "drain")
PARENTS = 5
LOOKED_BACK = 20


class Stores(Protocol):
    """What is needed of a runtime."""

    def backend(self, connection: str | None = None) -> Backend:
        """The store of a connection."""


def why(stores: Stores, figures: Overview, record: Record, now: Micros) -> list[Point]:
    """Why it stands as it does, as a list of questions and answers."""
    return points(facts(stores, figures, record, now))


def points(known: Facts) -> list[Point]:
    """The same of what is known already. Pure."""
    return ended.points(known) if known.record.state.terminal else waiting.points(known)


def facts(stores: Stores, figures: Overview, record: Record, now: Micros) -> Facts:
    """What has to be known of this job."""
    store, queue = stores.backend(record.connection), _queue(figures, record)
    if record.state.terminal:
        return Facts(record=record, now=now, queue=queue, pauses=_pauses(store, record))
    living = [one for one in store.sessions.list(kind="worker") if one.alive]
    if record.state is JobState.PROCESSING:
        return Facts(record=record, now=now, queue=queue, workers=_workers(living, record))
    return Facts(
        record=record, now=now, queue=queue, workers=_workers(living, record), classes=_classes(store, living),
        pauses=_pauses(store, record) if queue is not None and queue.paused else (),
        limit=store.limits.get(record.waits_for_limit) if record.waits_for_limit else None,
        ahead=store.ahead(record) if record.state is JobState.PENDING or record.waits_for_limit else None,
        parents=store.many(list(record.waits_for[:PARENTS])) if record.waits_for else (),
        groups=_groups(store, record), circuits=_circuits(store, record),
    )  # fmt: skip


def _queue(figures: Overview, record: Record) -> QueueFigures | None:
    name = dead.own(record.queue)
    return next((row for row in figures.queues if row.name == name and row.connection == record.connection), None)


def _workers(living: Iterable[SessionRecord], record: Record) -> list[Worker]:
    return [worker(session, record.connection) for session in living]


def _pauses(store: Backend, record: Record) -> list[Pause]:
    target = f"queue:{dead.own(record.queue)}"
    found = store.audit.find(AuditQuery(text=target, after=record.created_at if record.state.terminal else None, limit=LOOKED_BACK)).items
    return [Pause(by=one.actor, at=one.at) for one in found if one.verb in PAUSING and one.target == target and one.at is not None]


def _groups(store: Backend, record: Record) -> list[GroupRecord]:
    if record.state is not JobState.BLOCKED:
        return []
    jobs = set(record.depends_on)
    asked = [id for id in store.groups.parents(record.id) if id not in jobs][-PARENTS:]
    return [found for id in asked if (found := store.groups.get(id)) is not None]


def _circuits(store: Backend, record: Record) -> list[CircuitRecord]:
    if not (record.reason or "").startswith("waits for "):
        return []
    return [one for one in circuits.circuits(store) if one.state is not State.CLOSED]


def _classes(store: Backend, living: Iterable[SessionRecord]) -> Mapping[str, frozenset[str] | None]:
    """By worker; those of one deployment tell the same, and are asked once."""
    known: dict[str, frozenset[str] | None] = {}
    found: dict[str, frozenset[str] | None] = {}
    for session in living:
        said = {str(one.get("classes") or "") for one in session.report.executors if one.get("phase") != "booting"}
        for digest in said - known.keys():
            known[digest] = _names(store, digest) if digest else None
        names = [known[digest] for digest in said]
        found[session.info.id] = frozenset.intersection(*(one for one in names if one is not None)) if names and None not in names else None
    return found


def _names(store: Backend, digest: str) -> frozenset[str] | None:
    note = store.notes.get(CLASSES, digest)
    try:
        return None if note is None else frozenset(map(str, json.loads(note.body)))
    except (ValueError, TypeError):
        return None
