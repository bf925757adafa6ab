"""What is kept no longer: old records, forgotten ones, old audit entries, sessions, operations and fine-grained numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from horizon.backends.memory import audit_chain
from horizon.backends.memory.kernel import lots, record
from horizon.backends.memory.kernel.samples import merged
from horizon.backends.memory.kernel.store import Job, Store
from horizon.backends.retention import FORGOTTEN
from horizon.backends.values import TOMBSTONE
from horizon.core.clock import DAY, HOUR, Micros
from horizon.core.group import GroupState
from horizon.core.states import TERMINAL, JobState


def trim(store: Store, now: Micros, limit: int) -> int:
    """Remove at most `limit` records whose time is over, and everything else that has outlived its setting."""
    over = [job for job, _ in zip(_outlived(store, now), range(limit), strict=False)]
    for job in over:
        record.remove(store, job, now)
    _trim_rest(store, now)
    return len(over)


def _outlived(store: Store, now: Micros) -> Iterator[Job]:
    ended = sorted((job for job in store.by_n.values() if job.finished_at is not None), key=lambda job: (job.finished_at, job.n))
    surplus = _completed(ended) - store.retention.completed_jobs
    for job in ended:
        counts = job.state is JobState.COMPLETED and job.visible
        if (_is_over(store, job, now) or (counts and surplus > 0)) and _may_go(store, job, now):
            surplus -= counts
            yield job


def _completed(ended: list[Job]) -> int:
    return sum(job.state is JobState.COMPLETED and job.visible for job in ended)


def _is_over(store: Store, job: Job, now: Micros) -> bool:
    kept = store.retention
    if job.hidden_at is not None:
        return job.hidden_at + kept.undo <= now
    times = {JobState.COMPLETED: kept.completed, JobState.FAILED: kept.failed, JobState.CANCELLED: kept.cancelled}
    return job.state in times and job.finished_at is not None and job.finished_at + times[job.state] <= now


def _may_go(store: Store, job: Job, now: Micros) -> bool:
    """Never what a late resend could still bring back, nor what a live job refers to."""
    if job.state is None or not job.state.terminal or job.pushed_at + TOMBSTONE > now:
        return False
    if any(_keeps(store, id) for id in (job.member_of, *(wait.parent for wait in job.waits if wait.of_group))):
        return False
    return all(store.by_n[n].state in TERMINAL for n in store.dependants.get(job.id, ()))


def _keeps(store: Store, id: str | None) -> bool:
    """Whether this is a group that has not ended: it may want its members, and what waits for it, back."""
    group = store.groups.get(id or "")
    return group is not None and not group.state.ended


def _trim_groups(store: Store, now: Micros) -> None:
    kept = store.retention
    times = {GroupState.COMPLETED: kept.completed, GroupState.FAILED: kept.failed, GroupState.CANCELLED: kept.cancelled}
    for group in list(store.groups.values()):
        if group.finished_at is not None and group.finished_at + times[group.state] <= now and not _keeps(store, group.new.parent):
            del store.groups[group.id]


def _trim_rest(store: Store, now: Micros) -> None:
    kept = store.retention
    _trim_groups(store, now)
    lots.trim(store, now)
    store.tombstones = {id: until for id, until in store.tombstones.items() if until > now}
    audit_chain.trim(store, now - kept.audit)
    store.locks = {name: lease for name, lease in store.locks.items() if lease.expires_at + FORGOTTEN > now}
    store.effects = {name: effect for name, effect in store.effects.items() if effect.at + kept.effects > now}
    store.notes = {kind: {name: note for name, note in kept.items() if note.stands(now)} for kind, kept in store.notes.items()}
    store.signed_out = {id: until for id, until in store.signed_out.items() if until > now}
    store.meters = {key: (taken, until) for key, (taken, until) in store.meters.items() if until > now}
    for id, row in list(store.sessions.items()):
        if row.ended_at is not None and row.ended_at + kept.sessions <= now:
            del store.sessions[id]
    for id, driven in list(store.operations.items()):
        if driven.operation.finished_at is not None and driven.operation.finished_at + kept.sessions <= now:
            del store.operations[id]


def roll_up(store: Store, now: Micros) -> int:
    """Minutes become hours, hours become days, days end; returns how many samples went into a coarser one."""
    moved, hours, minutes = 0, _whole(now - store.retention.hours, DAY), _whole(now - store.retention.minutes, HOUR)
    for at in sorted(store.samples):
        grain = DAY if at < hours else HOUR if at < minutes else 0
        start = at - at % grain if grain else at
        if at < now - store.retention.days:
            del store.samples[at]
        elif start != at:
            finer, coarser = store.samples.pop(at), store.samples.setdefault(start, {})
            for key, one in finer.items():
                coarser[key] = merged(coarser[key], one) if key in coarser else replace(one, minute=start)
            moved += len(finer)
    return moved


def _whole(at: Micros, grain: Micros) -> Micros:
    """What is rolled up is whole hours and whole days: whoever looks so far back finds all of one in one piece."""
    return at - at % grain
