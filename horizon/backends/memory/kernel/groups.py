"""Groups: what their members' moves mean for them.

`record.move` counts; `ripen_all` is the only code that changes where a group is. It runs at the end of every act, and
deals with the groups of which something moved: one that failed, one that nobody is unfinished in, one that was opened
again. What it does may stir the next group, up to the outermost.
"""

from __future__ import annotations

from collections.abc import Sequence

from horizon.backends.grouping import PROGRESS_EVERY, end_of
from horizon.backends.memory.kernel import gates, record
from horizon.backends.memory.kernel.samples import count_ended
from horizon.backends.memory.kernel.store import Group, Job, Store, Wait
from horizon.core.clock import Micros
from horizon.core.envelope import On
from horizon.core.group import GROUP_FAILED, NEVER_SEALED, GroupKind, GroupState, NewGroup, bears
from horizon.core.states import JobState

AGAIN = (On.ANY, On.PROGRESS)
"""Edges that open once in each generation, or more often; what waits for them runs in a new round then."""


def create(store: Store, new: NewGroup, now: Micros) -> None:
    """Store a checked group; one that is nested is a member of its parent."""
    store.last_group += 1
    store.groups[new.id] = Group(n=store.last_group, new=new, created_at=now, touched_at=now, progress_at=now)
    parent = store.groups.get(new.parent or "")
    if parent is not None:
        parent.total += 1
        parent.live_groups.add(new.id)
        parent.touched_at = now
        _stir(store, parent)


def seal(store: Store, group: Group, now: Micros) -> None:
    """No more is needed for it to end than that its members do."""
    if group.state is GroupState.OPEN:
        group.state = GroupState.RUNNING
        _stir(store, group)
        parent = store.groups.get(group.new.parent or "")
        if parent is not None:
            parent.touched_at = now


def cancel(store: Store, group: Group, reason: str, now: Micros) -> None:
    """By a person, or with the group around it; what failed before ends as failed all the same."""
    if group.state.ended or group.cancel_reason is not None:
        return
    group.cancel_reason = reason
    seal(store, group, now)
    _cancel_members(store, group, reason, now)
    _stir(store, group)


def time_out(store: Store, now: Micros) -> None:
    """Cancel what was left unsealed; one is not, while jobs still come for a group in it."""
    for group in list(store.groups.values()):
        comes = any(store.groups[id].state is GroupState.OPEN for id in group.live_groups)
        if group.state is GroupState.OPEN and not comes and group.touched_at + store.options.seal_timeout <= now:
            cancel(store, group, NEVER_SEALED, now)


def joined(store: Store, jobs: Sequence[Job], now: Micros) -> None:
    """New members; those that came when their group was being cancelled already are cancelled at once."""
    for job in jobs:
        group = store.groups.get(job.member_of or "")
        if group is not None:
            group.touched_at = now
            if reason := _is_cancelling(group):
                _cancel_member(store, job, reason, now)


def ripen_all(store: Store, now: Micros) -> None:
    """Deal with every group of which something moved, and with callbacks that could not be opened then."""
    for id in list(store.owed):
        _open_again(store, store.jobs.get(id), now)
    store.stirred.update((id, None) for id in store.restless if store.groups[id].progress_at + PROGRESS_EVERY <= now)
    while store.stirred:
        group = store.groups.get(store.stirred.popitem()[0])
        if group is not None:
            _ripen(store, group, now)


def _ripen(store: Store, group: Group, now: Micros) -> None:
    store.restless.discard(group.id)
    if group.state.ended:
        if group.unfinished:
            _reopen(store, group, now)
        return
    _judge(store, group, now)
    if group.state is GroupState.RUNNING and not group.unfinished:
        _end(store, group, now)
    else:
        _tell_progress(store, group, now)


# failing and ending ---------------------------------------------------------------------------------


def _judge(store: Store, group: Group, now: Micros) -> None:
    """The moment in which more failed than it bears; a retry may take that back."""
    sealed = group.state is not GroupState.OPEN
    if bears(group.new.allow, group.new.allow_all, failed=group.failed, total=group.total, sealed=sealed):
        group.failed_at, group.forgiven = None, False
        group.first_failure = group.first_failure if group.failed else None
    elif group.failed_at is None and group.cancel_reason is None:
        group.failed_at = now
        _follow(store, group, {On.FAILED}, JobState.FAILED, now)
        if group.new.kind is GroupKind.BATCH:
            _cancel_members(store, group, GROUP_FAILED, now)


def _end(store: Store, group: Group, now: Micros) -> None:
    group.state, group.needless = end_of(
        group.new.kind,
        failing=group.failed_at is not None,
        cancelling=group.cancel_reason is not None,
        total=group.total,
        completed=group.completed,
        failed=group.failed,
        cancelled=group.cancelled,
        needless=group.needless_ones,
    )
    group.finished_at = now
    _follow(store, group, set(On), JobState(group.state), now)
    parent = store.groups.get(group.new.parent or "")
    if parent is not None:
        parent.live_groups.discard(group.id)
        parent.count(JobState(group.state), +1, needless=group.needless)
        if group.state is GroupState.FAILED and parent.first_failure is None:
            parent.first_failure = group.first_failure
        _stir(store, parent)


def _follow(store: Store, group: Group, ons: set[On], state: JobState, now: Micros) -> None:
    """Open or cancel what waits for this of the group."""
    again = [store.by_n[n] for n in store.dependants.get(group.id, ()) if _opens_again(store.by_n[n], group, ons)]
    for job in again:
        _open_again(store, job, now)
    gates.follow_group(store, group.id, state, ons, now)


def _opens_again(job: Job, group: Group, ons: set[On]) -> bool:
    """One that ran for this edge already, or is about to, and shall run once more."""
    wanted = any(wait.parent == group.id and wait.on in AGAIN and wait.on in ons for wait in job.waits)
    return wanted and job.state is not JobState.BLOCKED and not job.cancelled_by


def _open_again(store: Store, job: Job | None, now: Micros) -> None:
    """A new round of a callback; one that has not ended yet is remembered."""
    if job is None or job.state is None or job.state is JobState.CANCELLED or job.hidden_at is not None:
        store.owed.pop("" if job is None else job.id, None)
    elif job.state is JobState.PROCESSING:
        store.owed[job.id] = None  # what it tells is older than what is asked of it
    elif job.state.terminal:
        store.owed.pop(job.id, None)
        record.begin_anew(job)
        record.move(store, job, JobState.PENDING, now)
        gates.take_key(store, job, now)


# cancelling -----------------------------------------------------------------------------------------


def _is_cancelling(group: Group) -> str | None:
    if group.cancel_reason is not None:
        return group.cancel_reason
    failing = group.failed_at is not None and not group.forgiven and group.new.kind is GroupKind.BATCH
    return GROUP_FAILED if failing else None


def _cancel_members(store: Store, group: Group, reason: str, now: Micros) -> None:
    """The last ones first: so each is told this reason, and not that the one before it was cancelled."""
    for id in list(group.live_groups):
        cancel(store, store.groups[id], reason, now)
    for job in sorted((store.jobs[id] for id in group.live_jobs), key=lambda job: -job.n):
        _cancel_member(store, job, reason, now)


def _cancel_member(store: Store, job: Job, reason: str, now: Micros) -> None:
    if job.state is None or job.state.terminal:
        return
    if job.state is JobState.PROCESSING:
        job.cancel_reason = job.cancel_reason or reason
        store.changed()
        return
    gates.finish(store, job, JobState.CANCELLED, now, reason=reason)
    count_ended(store, job, JobState.CANCELLED, now)


# new beginnings -------------------------------------------------------------------------------------


def _reopen(store: Store, group: Group, now: Micros) -> None:
    """A member runs again: so does the group, and the one around it. What once opened for good stays open."""
    parent = store.groups.get(group.new.parent or "")
    if parent is not None:
        parent.count(JobState(group.state), -1, needless=group.needless)
        parent.live_groups.add(group.id)
        _stir(store, parent)
    group.state, group.finished_at, group.needless, group.cancel_reason = GroupState.RUNNING, None, False, None
    group.forgiven = group.failed_at is not None
    group.generation += 1
    for job in [store.by_n[n] for n in store.dependants.get(group.id, ())]:
        _wait_again(store, job, group, now)
    gates.reopen_parent(store, group.id, now)
    _stir(store, group)


def _wait_again(store: Store, job: Job, group: Group, now: Micros) -> None:
    """Callbacks of every end go back to blocked, in a new round; those under way run to their end first."""
    mine = [wait for wait in job.waits if wait.parent == group.id and wait.on in AGAIN]
    if not mine or job.state is None or job.state is JobState.CANCELLED or job.hidden_at is not None:
        return
    if job.state.terminal or job.state is JobState.BLOCKED:
        for wait in mine:
            wait.met = False
    if job.state.terminal:
        record.begin_anew(job)
        record.move(store, job, JobState.BLOCKED, now)
        gates.take_key(store, job, now)
    store.owed.pop(job.id, None)


# progress -------------------------------------------------------------------------------------------


def _tell_progress(store: Store, group: Group, now: Micros) -> None:
    if not group.moved or not any(wait.on is On.PROGRESS for wait in _waits(store, group)):
        return
    if group.progress_at + PROGRESS_EVERY > now:
        store.restless.add(group.id)
        return
    group.progress_at, group.moved = now, False
    _follow(store, group, {On.PROGRESS}, JobState.COMPLETED, now)


def _waits(store: Store, group: Group) -> list[Wait]:
    return [wait for n in store.dependants.get(group.id, ()) for wait in store.by_n[n].waits if wait.parent == group.id]


def _stir(store: Store, group: Group) -> None:
    group.moved = True
    store.stirred[group.id] = None
