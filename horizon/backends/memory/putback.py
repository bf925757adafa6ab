"""Undoing a cancellation: a job goes back to where it stood, instead of beginning anew."""

from __future__ import annotations

from horizon.backends.memory.kernel import gates, record
from horizon.backends.memory.kernel.store import Job, Store
from horizon.core.clock import Micros
from horizon.core.states import JobState


def put_back(store: Store, job: Job, now: Micros) -> str | None:
    """A cancelled job: blocked where it waits for others, scheduled where its time has not come, else pending.

    It keeps its tries, unless they are all used up. The reason where it is left alone; that of a job whose parent is
    cancelled may not hold any more as soon as the parent is put back.
    """
    if holder := gates.key_holder(store, job, now):
        return f"key held by {holder}"
    blocked = not job.runs and any(not wait.met for wait in job.waits)
    if blocked and (parent := gates.shut_parent(store, job)):
        return gates.not_without(parent)
    later = job.available_at > now
    to = JobState.BLOCKED if blocked else JobState.SCHEDULED if later else JobState.PENDING
    record.move(store, job, to, now, at=job.available_at if later and not blocked else None)
    gates.take_key(store, job, now)
    if job.max_tries is not None and job.tries >= job.max_tries:
        job.round += 1
        job.tries = job.crashes = 0
        job.error = None
    job.suspect = False
    job.finished_at = job.result = job.reason = job.cancelled_by = None
    gates.reopen(store, job, now)
    return None
