"""Workers as the overview lists them: what each runs right now, in a form that forgives a report it does not know.

What a worker says of itself is up to a third of its lease old, while the figures beside it are of this moment: jobs that
the store knows to be running count, whether their worker has told yet or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from horizon.backends.base import Backend
from horizon.backends.values import SessionRecord
from horizon.core.clock import Micros
from horizon.core.query import MAX_LIMIT, JobQuery
from horizon.core.record import Record
from horizon.core.states import JobState
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
    """Every living worker, with the jobs that it holds in this moment."""
    found = [workers.worker(session, "") for session in figures.workers]
    holds = held(store, figures)
    if holds is not None:
        return [_as_stored(one, holds.get(one.id, [])) for one in found]
    named = names(store, (id for one in found for id in _ids(one)[:MOST_SLOTS]))
    return [_as_told(one, named) for one in found]


def held(store: Backend, figures: Overview) -> Mapping[str, list[Record]] | None:
    """The running jobs by session, the oldest first; None where they are too many to be read for it."""
    count = figures.counts.get(JobState.PROCESSING, 0)
    if count >= MAX_LIMIT:
        return None
    found: dict[str, list[Record]] = {}
    for record in reversed(store.find(JobQuery(states=(JobState.PROCESSING,), limit=MAX_LIMIT)).items if count else ()):
        found.setdefault(record.session or "", []).append(record)
    return found


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


def _as_stored(worker: workers.Worker, jobs: Sequence[Record]) -> Worker:
    """By what the store says; of jobs that were taken ahead, those that run are the ones that the worker told of."""
    since = {run.job: run.since for executor in worker.executors for run in executor.running}
    first = sorted(jobs, key=lambda job: job.id not in since)[: worker.places]
    slots = tuple(Slot(id=job.id, name=job.name, since=job.started_at or since.get(job.id)) for job in first[:MOST_SLOTS])
    return Worker(session=worker.session, busy=len(first), places=worker.places, done=worker.done, slots=slots)


def _as_told(worker: workers.Worker, named: Mapping[str, Record]) -> Worker:
    runs = [run for executor in worker.executors for run in executor.running if run.job in named][:MOST_SLOTS]
    slots = tuple(Slot(id=run.job, name=named[run.job].name, since=named[run.job].started_at or run.since) for run in runs)
    return Worker(session=worker.session, busy=worker.busy, places=worker.places, done=worker.done, slots=slots)
