"""Workers as the overview lists them: what each runs right now, in a form that forgives a report it does not know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from horizon.backends.base import Backend
from horizon.backends.values import SessionRecord
from horizon.core.clock import Micros
from horizon.core.record import Record
from horizon.monitor.figures import Overview

MOST_SLOTS = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """One job that runs."""

    id: str
    name: str
    since: Micros | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Worker:
    """One living worker."""

    session: SessionRecord
    busy: int
    done: int
    slots: tuple[Slot, ...]

    @property
    def places(self) -> int:
        """Jobs it can run at a time."""
        return self.session.info.processes * self.session.info.concurrency


def living(store: Backend, figures: Overview) -> list[Worker]:
    """Every living worker, with the names of the jobs that its executors said they run."""
    said = {session.info.id: list(_running(session)) for session in figures.workers}
    ids = [id for jobs in said.values() for id, _ in jobs[:MOST_SLOTS]]
    named = {record.id: record for record in store.many(ids[:1000])} if ids else {}
    return [_worker(session, said[session.info.id], named) for session in figures.workers]


def _worker(session: SessionRecord, jobs: list[tuple[str, Micros | None]], named: Mapping[str, Record]) -> Worker:
    known = [(named[id], since) for id, since in jobs if id in named]
    slots = tuple(Slot(id=record.id, name=record.name, since=record.started_at or since) for record, since in known[:MOST_SLOTS])
    done = sum(_whole(executor.get("jobs")) for executor in session.report.executors)
    return Worker(session=session, busy=len(jobs), done=done, slots=slots)


def _running(session: SessionRecord) -> Iterator[tuple[str, Micros | None]]:
    """(id, since) of what runs, from what the executors reported."""
    for executor in session.report.executors:
        slots = executor.get("slots")
        for slot in slots if isinstance(slots, (list, tuple)) else ():
            if isinstance(slot, Mapping) and isinstance(slot.get("job"), str):
                since = slot.get("since")
                yield slot["job"], since if isinstance(since, int) else None


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
