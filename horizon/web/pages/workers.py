"""Workers as the overview lists them: what each runs right now, in a form that forgives a report it does not know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from horizon.backends.base import Backend
from horizon.backends.values import SessionRecord
from horizon.core.clock import Micros
from horizon.core.record import Record
from horizon.monitor import workers
from horizon.monitor.figures import Overview
from horizon.web.state import State

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
    places: int
    """Jobs it can run at a time."""
    done: int
    slots: tuple[Slot, ...]


def living(store: Backend, figures: Overview) -> list[Worker]:
    """Every living worker, with the names of the jobs that its executors said they run."""
    found = [workers.worker(session, "") for session in figures.workers]
    named = names(store, (id for one in found for id in _ids(one)[:MOST_SLOTS]))
    return [_shown(one, named) for one in found]


def code_of(state: State) -> workers.Code:
    """The code of this web process."""
    return workers.Code(version=state.settings.CODE_VERSION, since=state.started_at)


def old_workers(state: State, figures: Overview) -> list[workers.Worker]:
    """Living workers that run older code than the newest there is."""
    return [worker for worker in workers.workers((("", session) for session in figures.workers), code_of(state)) if worker.old]


def names(store: Backend, ids: Iterable[str]) -> dict[str, Record]:
    """The jobs with these ids, as far as there are any; a thousand at the most."""
    wanted = list(dict.fromkeys(ids))[:1000]
    return {record.id: record for record in store.many(wanted)} if wanted else {}


def _ids(worker: workers.Worker) -> list[str]:
    return [run.job for executor in worker.executors for run in executor.running]


def _shown(worker: workers.Worker, named: Mapping[str, Record]) -> Worker:
    runs = [run for executor in worker.executors for run in executor.running if run.job in named][:MOST_SLOTS]
    slots = tuple(Slot(id=run.job, name=named[run.job].name, since=named[run.job].started_at or run.since) for run in runs)
    return Worker(session=worker.session, busy=worker.busy, places=worker.places, done=worker.done, slots=slots)
