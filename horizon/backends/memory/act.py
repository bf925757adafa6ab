"""act: what a person does to jobs. Each verb answers why it left a job alone, or None when it did what was asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

from horizon.backends.driven import check
from horizon.backends.memory.kernel import gates, lots, record
from horizon.backends.memory.kernel.samples import count_ended
from horizon.backends.memory.kernel.store import Job, Store
from horizon.backends.memory.putback import put_back
from horizon.backends.memory.read import check_query, matching
from horizon.backends.parking import not_now
from horizon.backends.placing import Noted, Placed, noted
from horizon.backends.values import ACT_LIMIT, Acted, ActParams, Verb
from horizon.core.clock import Micros
from horizon.core.errors import InvalidInput
from horizon.core.lanes import is_lane
from horizon.core.query import Selection
from horizon.core.states import JobState

WAITS_FOR_TIME = (JobState.SCHEDULED, JobState.RETRYING)
FORGOTTEN = "it was forgotten; restore it first"
Deed = Callable[[Store, Job, ActParams, Micros], str | None]


def act(store: Store, selection: Selection, verb: Verb, params: ActParams, now: Micros, audit: Noted = None) -> Acted:
    """See `Backend.act`. Raises InvalidInput, InvalidOption, InvalidFilter before anything is touched."""
    check(verb, params)
    jobs, missing, more = _selected(store, selection)
    skipped = [(id, "there is no such job") for id in missing]
    entry = noted(audit, _placed(jobs))
    left = apply_all(store, jobs, verb, params, now)
    done = [job.id for job in jobs if job.id not in left]
    skipped += left.items()
    if done:
        store.keep(entry, now, len(done))
    return Acted(done=tuple(done), skipped=tuple(skipped), more=more)


def apply_all(store: Store, jobs: Sequence[Job], verb: Verb, params: ActParams, now: Micros) -> dict[str, str]:
    """One verb on several jobs; why some are left alone, by id. What is put back may let in what waits for it."""
    left = {job.id: reason for job in jobs if (reason := apply(store, job, verb, params, now)) is not None}
    before = None
    while params.keep_time and left and len(left) != before:
        before = len(left)
        left = {id: reason for id in left if (reason := apply(store, store.jobs[id], verb, params, now)) is not None}
    return left


def apply(store: Store, job: Job, verb: Verb, params: ActParams, now: Micros) -> str | None:
    """One verb on one job; the reason where it is left alone."""
    if verb is Verb.RESTORE:
        return _restore(store, job)
    if job.hidden_at is not None:
        return FORGOTTEN
    return DEEDS[verb](store, job, params, now)


def _selected(store: Store, selection: Selection) -> tuple[list[Job], list[str], bool]:
    """(jobs, ids that are not there, whether a query matches more than one act takes)."""
    if selection.query is not None:
        check_query(store, selection.query)
        jobs = list(islice(matching(store, selection.query), ACT_LIMIT + 1))
        return jobs[:ACT_LIMIT], [], len(jobs) > ACT_LIMIT
    ids = list(dict.fromkeys(selection.ids))
    if len(ids) > ACT_LIMIT:
        raise InvalidInput(f"one act takes at most {ACT_LIMIT} jobs, got {len(ids)}; store an operation for more")
    return [store.jobs[id] for id in ids if id in store.jobs], [id for id in ids if id not in store.jobs], False


def _placed(jobs: Sequence[Job]) -> Placed | None:
    """Where the only job stands."""
    return Placed(queue=jobs[0].queue, priority=jobs[0].priority, at=jobs[0].available_at) if len(jobs) == 1 else None


def _cancel(store: Store, job: Job, params: ActParams, now: Micros) -> str | None:
    if job.state is None or job.state.terminal:
        return f"it already ended: {job.state}"
    if job.state is JobState.PROCESSING:
        if job.cancel_reason is not None:
            return "its cancellation is under way"
        job.cancel_reason = params.reason or "cancelled"
        store.changed()
        return None
    gates.finish(store, job, JobState.CANCELLED, now, reason=params.reason or "cancelled")
    count_ended(store, job, JobState.CANCELLED, now)
    return None


def _retry(store: Store, job: Job, params: ActParams, now: Micros) -> str | None:
    if job.state is None or not job.state.terminal:
        return f"only a job that ended can be retried; it is {job.state}"
    if params.keep_time and job.state is JobState.CANCELLED and not job.needless:
        return put_back(store, job, now)
    if holder := gates.key_holder(store, job, now):
        return f"key held by {holder}"
    if job.state is JobState.COMPLETED and job.member_of is not None:
        job.member_of, job.detached = None, True  # it did what its group wanted of it: whatever comes now is its own affair
    later = params.at is not None and params.at > now
    record.move(store, job, JobState.SCHEDULED if later else JobState.PENDING, now, at=params.at if later else None)
    gates.take_key(store, job, now)
    record.begin_anew(job)
    job.tries = params.tries or 0
    gates.reopen(store, job, now)
    return None


def _run_now(store: Store, job: Job, params: ActParams, now: Micros) -> str | None:
    if job.state not in WAITS_FOR_TIME:
        return f"only a scheduled or retrying job can be run now; it is {job.state}"
    if job.parked:
        return not_now(lots.barred_by(store, lots.lot_of(job), now).limit)
    record.move(store, job, JobState.PENDING, now)
    return None


def _reschedule(store: Store, job: Job, params: ActParams, now: Micros) -> str | None:
    if job.state not in (*WAITS_FOR_TIME, JobState.PENDING):
        return f"only a pending, scheduled or retrying job can be rescheduled; it is {job.state}"
    to = JobState.RETRYING if job.state is JobState.RETRYING else JobState.SCHEDULED
    record.move(store, job, to, now, at=params.at)
    return None


def _prioritize(store: Store, job: Job, params: ActParams, now: Micros) -> str | None:
    if job.state is JobState.PROCESSING or job.state is None or job.state.terminal:
        return f"only a job that waits can change its priority; it is {job.state}"
    if job.priority == params.priority:
        return f"its priority is {params.priority} already"
    record.relabel(store, job, now, priority=params.priority)
    return None


def _move(store: Store, job: Job, params: ActParams, now: Micros) -> str | None:
    if job.state is JobState.PROCESSING:
        return "it is running"
    if job.queue == params.queue:
        return f"it is on queue {params.queue} already"
    record.relabel(store, job, now, queue=params.queue)
    return None


def _forget(store: Store, job: Job, params: ActParams, now: Micros) -> str | None:
    """A live job is cancelled first; one that runs is hidden as soon as it ended."""
    reason = params.reason or "forgotten"
    if job.state is not None and job.state.terminal:
        job.forget_reason = reason
        record.hide(store, job, now)
        return None
    if job.forget_reason is not None:
        return "it is being forgotten already"
    job.forget_reason = reason
    if job.cancel_reason is None and is_lane(job.queue):
        gates.finish(store, job, JobState.CANCELLED, now, reason=reason)  # it went on to another store: no cancellation
    elif job.cancel_reason is None:
        _cancel(store, job, ActParams(reason=reason), now)
    return None


def _restore(store: Store, job: Job) -> str | None:
    if job.hidden_at is None:
        return "it was not forgotten"
    record.show(store, job)
    return None


DEEDS: dict[Verb, Deed] = {
    Verb.CANCEL: _cancel, Verb.RETRY: _retry, Verb.RUN_NOW: _run_now, Verb.RESCHEDULE: _reschedule,
    Verb.PRIORITIZE: _prioritize, Verb.MOVE: _move, Verb.FORGET: _forget,
}  # fmt: skip
