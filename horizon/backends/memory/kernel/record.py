"""The only code that enters or leaves a state.

Place, waiting lists, counters and the unique key of a job move with its state, and with nothing else.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import TypeVar

from horizon.backends.expiry import expires_at
from horizon.backends.memory.kernel import lots
from horizon.backends.memory.kernel.store import Job, ReadyKey, Store
from horizon.backends.values import TOMBSTONE
from horizon.core import dead
from horizon.core.clock import Micros
from horizon.core.group import FirstFailure
from horizon.core.place import fair_place, place
from horizon.core.states import JobState, check_move

T = TypeVar("T", bound=tuple[int, ...])
WAITS_FOR_TIME = (JobState.SCHEDULED, JobState.RETRYING)


def move(
    store: Store, job: Job, to: JobState, now: Micros, *, at: Micros | None = None, keep_place: bool = False, needless: bool = False
) -> None:
    """Take a job from the state it is in to `to`.

    `at` is when it is due (scheduled, retrying) or since when it could run (pending; now where None). A job that goes
    back unstarted keeps its place. One with limits is parked for now instead of pending: `leveling` lets it stand in where there
    is room. Raises InvalidTransition before anything is touched.
    """
    check_move(job.state, to)
    _count_in_group(store, job, to, needless)
    _leave(store, job)
    _set_aside(store, job, to, now)
    job.parked = to is JobState.PENDING and bool(job.envelope.limits)
    job.state = JobState.SCHEDULED if job.parked else to
    job.needless = needless
    if to in WAITS_FOR_TIME:
        job.available_at = now if at is None else at
    elif to is JobState.PENDING and not keep_place:
        job.available_at = now if at is None else at
        job.place = _place(store, job, job.available_at, now)
    elif to.terminal:
        job.finished_at = now
        free_key(store, job)
    _enter(store, job)


def _set_aside(store: Store, job: Job, to: JobState, now: Micros) -> None:
    """A job that has failed often enough goes to the dead letters of its queue; whatever opens it again takes it back."""
    home = dead.own(job.queue)
    if to is JobState.FAILED and job.state is not None and dead.is_due(job.round, store.settings(home, now).dead_after):
        job.queue = dead.letters(home)
        store.queue(job.queue)
    else:
        job.queue = home


def let_stand(store: Store, job: Job) -> None:
    """A parked job becomes pending, in the place in which it would stand had it never been parked."""
    check_move(job.state, JobState.PENDING)
    _leave(store, job)
    job.parked, job.state = False, JobState.PENDING
    _enter(store, job)


def park(store: Store, job: Job) -> None:
    """A pending job is put aside."""
    check_move(job.state, JobState.SCHEDULED)
    _leave(store, job)
    job.parked, job.state = True, JobState.SCHEDULED
    _enter(store, job)


def relabel(store: Store, job: Job, now: Micros, *, queue: str | None = None, priority: int | None = None) -> None:
    """Change the queue or the priority of a job that stays in its state."""
    _leave(store, job)
    anew = queue is not None or job.envelope.fair is not None
    if priority is not None:
        job.priority = priority
    if queue is not None:
        job.queue = queue
        store.queue(queue)
    if anew:
        job.place = _place(store, job, now, now)
    if job.state is JobState.PENDING and job.envelope.limits:
        job.parked, job.state = True, JobState.SCHEDULED  # it may have to wait there
    _enter(store, job)


def hide(store: Store, job: Job, now: Micros) -> None:
    """Take a terminal record out of counters and lists; `tick` removes it when nobody can want it back."""
    _leave(store, job)
    job.hidden_at = now
    _enter(store, job)


def show(store: Store, job: Job) -> None:
    """Undo `hide`."""
    _leave(store, job)
    job.hidden_at = None
    job.forget_reason = None
    _enter(store, job)


def remove(store: Store, job: Job, now: Micros) -> None:
    """Drop a terminal record; its id is remembered for a while, so that a late resend does not bring it back."""
    _leave(store, job)
    free_key(store, job)
    for wait in job.waits:
        children = store.dependants.get(wait.parent, [])
        if job.n in children:
            children.remove(job.n)
    store.dependants.pop(job.id, None)
    del store.jobs[job.id], store.by_n[job.n]
    store.tombstones[job.id] = now + TOMBSTONE
    store.changed()


def free_key(store: Store, job: Job) -> None:
    """Give up the unique key, if this job (and not whoever took it over) holds it."""
    key = job.envelope.unique_key
    if key is not None and store.keys.get(key) == job.id:
        del store.keys[key]
    job.key_until = None


def begin_anew(job: Job) -> None:
    """A new round, as if it had never run; its history stays."""
    job.round += 1
    job.tries = job.crashes = 0
    job.suspect = False
    job.finished_at = job.result = job.error = job.reason = job.cancelled_by = None


def _place(store: Store, job: Job, entry: Micros, now: Micros) -> int:
    """Where it stands if it enters `pending` at `entry`, it itself not being there."""
    envelope = job.envelope
    if envelope.fair is None:
        return place(entry, deadline=envelope.deadline, patience=store.settings(job.queue, now).patience, share=envelope.share)
    ready = store.ready.get(job.queue, [])
    first = bisect_left(ready, (-job.priority, 0, 0))
    head = ready[first][1] if first < len(ready) and ready[first][0] == -job.priority else None
    its = store.turns.get(_turn_key(job))
    return fair_place(entry, head=head, last=its[-1][0] if its else None, share=envelope.share)


def _count_in_group(store: Store, job: Job, to: JobState, needless: bool) -> None:
    """A member moves: the figures of its group, and who is unfinished in it, move with it."""
    group = store.groups.get(job.member_of or "")
    if group is None:
        return
    if job.state is None:
        group.total += 1
    elif job.state.terminal:
        group.count(job.state, -1, needless=job.needless)
    if to.terminal:
        group.live_jobs.pop(job.id, None)
        if to is JobState.FAILED and group.first_failure is None:
            error = job.error
            group.first_failure = FirstFailure(job_id=job.id, type=error.type if error else None, message=error.message if error else None)
        group.count(to, +1, needless=needless)
    else:
        group.live_jobs[job.id] = None
    if job.state is None or job.state.terminal or to.terminal:
        group.moved = True
        store.stirred[group.id] = None


def _enter(store: Store, job: Job) -> None:
    _count(store, job, +1)
    if job.parked or (job.state is JobState.PENDING and job.envelope.limits):
        lots.enter(store, job, _ready_key(job))
    if job.parked or job.state is JobState.PENDING:
        if not job.parked:
            insort(store.ready.setdefault(job.queue, []), _ready_key(job))
        if job.envelope.fair is not None:
            insort(store.turns.setdefault(_turn_key(job), []), (job.place, job.n))
        if (at := expires_at(job.envelope)) is not None:
            insort(store.due, (at, job.n))
        store.stir()
    elif job.state in WAITS_FOR_TIME:
        insort(store.due, (job.available_at, job.n))
        store.stir()
    elif job.state is JobState.PROCESSING and job.session and job.token:
        store.held.setdefault(job.session, {})[job.token] = job
    store.changed()


def _leave(store: Store, job: Job) -> None:
    if job.state is None:
        return
    _count(store, job, -1)
    if job.parked or (job.state is JobState.PENDING and job.envelope.limits):
        lots.leave(store, job, _ready_key(job))
    if job.parked or job.state is JobState.PENDING:
        if not job.parked:
            _take_out(store.ready[job.queue], _ready_key(job))
        if job.envelope.fair is not None:
            _take_out(store.turns[_turn_key(job)], (job.place, job.n))
        if (at := expires_at(job.envelope)) is not None:
            _take_out(store.due, (at, job.n))
    elif job.state in WAITS_FOR_TIME:
        _take_out(store.due, (job.available_at, job.n))
    elif job.state is JobState.PROCESSING and job.session and job.token:
        store.held[job.session].pop(job.token)
        lots.end(store, job)
        job.token = job.session = job.executor = job.reserved_at = job.cancel_reason = None
        job.alone = False


def _count(store: Store, job: Job, by: int) -> None:
    if not job.visible or job.state is None:
        return
    key = (job.queue, job.name, job.state)
    store.counters[key] = store.counters.get(key, 0) + by


def _turn_key(job: Job) -> tuple[str, int, str]:
    return (job.queue, job.priority, job.envelope.fair or "")


def _ready_key(job: Job) -> ReadyKey:
    return (-job.priority, job.place, job.n)


def _take_out(ordered: list[T], item: T) -> None:
    del ordered[bisect_left(ordered, item)]
