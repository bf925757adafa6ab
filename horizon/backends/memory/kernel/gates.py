"""What a job waits for and what it keeps others from: edges and unique keys.

Every end of a job goes through `finish`, so that no dependant is ever forgotten.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterator
from typing import NamedTuple

from horizon.backends.memory.kernel import record
from horizon.backends.memory.kernel.samples import count_ended
from horizon.backends.memory.kernel.store import Job, Store, Wait
from horizon.core.clock import Micros
from horizon.core.envelope import On
from horizon.core.states import JobState

NOT_NEEDED = "not needed"


class Parent(NamedTuple):
    """A job or a group that others wait for."""

    id: str
    state: JobState | None
    """None of a group that has not ended."""
    needless: bool
    what: str


def satisfied(on: On, state: JobState | None) -> bool:
    """Whether a job in this state lets those go that wait for it with this edge."""
    if on in (On.ANY, On.PROGRESS):
        return state is not None and state.terminal
    return state is (JobState.COMPLETED if on is On.COMPLETED else JobState.FAILED)


def shut(on: On, state: JobState | None) -> bool:
    """Whether a job in this state ended in a way for which this edge does not open."""
    return state is not None and state.terminal and not satisfied(on, state)


# edges ----------------------------------------------------------------------------------------------


def finish(store: Store, job: Job, to: JobState, now: Micros, *, reason: str | None = None) -> None:
    """End a job, then open or cancel what waited for it, and, level by level, what waited for that."""
    _end(store, job, to, now, reason)
    _follow_on(store, [job], now)


def follow_group(store: Store, id: str, state: JobState, ons: Container[On], now: Micros) -> None:
    """Open or cancel what waits for this of a group, and, level by level, what waits for that."""
    children: dict[int, Job] = {}
    for child in _children(store, id):
        for wait in child.waits:
            if wait.parent == id and wait.on in ons:
                wait.met = wait.met or satisfied(wait.on, state)
                if child.state is JobState.BLOCKED:
                    children[child.n] = child
    _follow_on(store, [child for child in children.values() if _follows(store, child, now)], now)


def _follow_on(store: Store, ended: list[Job], now: Micros) -> None:
    while ended:
        ended = [child for child in _met_by(store, ended) if _follows(store, child, now)]


def _met_by(store: Store, ended: list[Job]) -> list[Job]:
    """The blocked dependants of these, each once, after every edge that now opens was opened."""
    children: dict[int, Job] = {}
    for parent in ended:
        for child in _children(store, parent.id):
            for wait in child.waits:
                wait.met = wait.met or (wait.parent == parent.id and satisfied(wait.on, parent.state))
            if child.state is JobState.BLOCKED:
                children[child.n] = child
    return list(children.values())


def _follows(store: Store, child: Job, now: Micros) -> bool:
    """Open or cancel a dependant whose parents ended; True where it was cancelled.

    It is not needed only where nothing but unneeded help kept it waiting; any other cause is told.
    """
    closed = [(wait, parent) for wait in child.waits if not wait.met and (parent := parent_of(store, wait)) and shut(wait.on, parent.state)]
    if not closed:
        open_if_met(store, child, now)
        return False
    causes = [parent for wait, parent in closed if wait.on is not On.FAILED and not parent.needless]
    child.cancelled_by = (causes or [parent for _, parent in closed])[0].id
    _end(store, child, JobState.CANCELLED, now, _because(causes[0]) if causes else NOT_NEEDED, needless=not causes)
    if causes:
        count_ended(store, child, JobState.CANCELLED, now)
    return True


def _end(store: Store, job: Job, to: JobState, now: Micros, reason: str | None, *, needless: bool = False) -> None:
    record.move(store, job, to, now, needless=needless)
    job.reason = reason
    if job.forget_reason is not None:
        record.hide(store, job, now)


def give_up_if_shut(store: Store, job: Job, now: Micros) -> None:
    """Cancel a new member that waits in vain, as if it had been there when what it waits for ended."""
    if job.state is JobState.BLOCKED and shut_parent(store, job) is not None and _follows(store, job, now):
        _follow_on(store, [job], now)


def open_if_met(store: Store, job: Job, now: Micros) -> None:
    """Let a blocked job go when it waits for nobody any more."""
    if not any(not wait.met for wait in job.waits):
        later = job.available_at > now
        record.move(store, job, JobState.SCHEDULED if later else JobState.PENDING, now, at=job.available_at if later else None)


def reopen(store: Store, job: Job, now: Micros) -> None:
    """A cause runs again: what it had cancelled waits for it again, and what that had cancelled, too."""
    reopen_parent(store, job.id, now)


def reopen_parent(store: Store, id: str, now: Micros) -> None:
    """The same for a job or a group, by its id."""
    causes = deque([id])
    while causes:
        cause = causes.popleft()
        for child in _children(store, cause):
            if child.state is JobState.CANCELLED and child.cancelled_by == cause and _unblock(store, child, now):
                causes.append(child.id)


def _unblock(store: Store, job: Job, now: Micros) -> bool:
    """Back to blocked, unless another cause, a person, or somebody else's unique key stands against it."""
    other = shut_parent(store, job)
    if other is not None:
        job.cancelled_by = other
        return False
    if job.hidden_at is not None:
        return False
    if holder := key_holder(store, job, now):
        job.reason = f"key held by {holder}"
        return False
    record.move(store, job, JobState.BLOCKED, now)
    take_key(store, job, now)
    job.cancelled_by = job.reason = job.finished_at = None
    return True


def _children(store: Store, id: str) -> Iterator[Job]:
    return (store.by_n[n] for n in tuple(store.dependants.get(id, ())))


def parent_of(store: Store, wait: Wait) -> Parent | None:
    """What an edge leads to, as it stands; None where it is not stored any more."""
    if not wait.of_group:
        job = store.jobs.get(wait.parent)
        return None if job is None else Parent(job.id, job.state, job.needless, "job")
    group = store.groups.get(wait.parent)
    return None if group is None else Parent(group.id, JobState(group.state) if group.state.ended else None, group.needless, "group")


def shut_parent(store: Store, job: Job) -> str | None:
    """The job that this one waits for in vain: it ended otherwise, or is not stored any more."""
    for wait in job.waits:
        parent = parent_of(store, wait)
        if not wait.met and (parent is None or shut(wait.on, parent.state)):
            return wait.parent
    return None


def not_without(parent: str) -> str:
    """Why a job is not put back that would wait for ever."""
    return f"the job it waited for ended otherwise; retry that one first: {parent}"


def _because(parent: Parent) -> str:
    return f"the {parent.what} it waited for {'failed' if parent.state is JobState.FAILED else 'was cancelled'}: {parent.id}"


# unique keys ----------------------------------------------------------------------------------------


def key_holder(store: Store, job: Job, now: Micros) -> str | None:
    """The other active job that holds this job's unique key, None where it is free or its time is over."""
    key = job.envelope.unique_key
    return None if key is None or job.key_spent else holder_of(store, key, now, but=job.id)


def holder_of(store: Store, key: str, now: Micros, *, but: str = "") -> str | None:
    """Who holds a key now."""
    holder = store.jobs.get(store.keys.get(key, ""))
    if holder is None or holder.id == but:
        return None
    return None if holder.key_until is not None and holder.key_until <= now else holder.id


def take_key(store: Store, job: Job, now: Micros) -> None:
    """Make this job the holder of its key; whoever held it past its time loses it."""
    key = job.envelope.unique_key
    if key is None or job.key_spent:
        return
    store.keys[key] = job.id
    job.key_until = None if job.envelope.unique_for is None else now + job.envelope.unique_for


def spend_key(store: Store, job: Job) -> None:
    """A job whose key lasts until it starts gives it up, and never takes it again."""
    if job.envelope.unique_until_processing and not job.key_spent:
        record.free_key(store, job)
        job.key_spent = True
