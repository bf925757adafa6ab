"""How a record comes into being."""

from __future__ import annotations

from dataclasses import replace

from horizon.backends.memory.kernel import gates, lots, record
from horizon.backends.memory.kernel.samples import count_ended, count_pushed
from horizon.backends.memory.kernel.store import Job, Store, Wait
from horizon.core.clock import Micros
from horizon.core.envelope import Envelope, On
from horizon.core.states import JobState


def create(store: Store, envelope: Envelope, now: Micros) -> Job:
    """Store a checked envelope: blocked where an edge is open, scheduled where its time is to come, else pending."""
    lots.say(store, envelope.limits, now)
    job = _new(store, envelope, now)
    for edge in envelope.edges:
        _wait_for(store, job, Wait(parent=edge.job_id, on=edge.on, of_group=edge.of_group))
    job.member_of = envelope.group
    gates.take_key(store, job, now)
    if any(not wait.met for wait in job.waits):
        record.move(store, job, JobState.BLOCKED, now)
    else:
        later = job.available_at > now
        record.move(store, job, JobState.SCHEDULED if later else JobState.PENDING, now, at=job.available_at if later else None)
    return job


def let_wait(store: Store, job: Job) -> None:
    """Make those jobs wait for this new one that it was pushed before."""
    for id in job.envelope.before:
        _wait_for(store, store.jobs[id], Wait(parent=job.id, on=On.COMPLETED))


def _wait_for(store: Store, job: Job, wait: Wait) -> None:
    parent = gates.parent_of(store, wait)
    group = store.groups.get(wait.parent) if wait.of_group else None
    failing = wait.on is On.FAILED and group is not None and group.failed_at is not None
    wait.met = failing or (parent is not None and gates.satisfied(wait.on, parent.state))
    job.waits.append(wait)
    store.dependants.setdefault(wait.parent, []).append(job.n)


def create_ended(store: Store, envelope: Envelope, state: JobState, reason: str, now: Micros) -> Job:
    """Store an envelope that was refused at admission, as the record that says so."""
    job = _new(store, replace(envelope, group=None), now)  # it came to no group
    job.key_spent = True
    record.move(store, job, state, now)
    job.reason = reason
    count_ended(store, job, state, now)
    return job


def available_at(envelope: Envelope, now: Micros) -> Micros:
    """The moment before which an envelope received now may not run."""
    return envelope.available_at if envelope.available_at is not None else now + envelope.delay


def _new(store: Store, envelope: Envelope, now: Micros) -> Job:
    store.last_n += 1
    job = Job(
        n=store.last_n,
        envelope=envelope,
        queue=envelope.queue,
        priority=envelope.priority,
        pushed_at=now,
        created_at=now if envelope.created_at is None else envelope.created_at,
        available_at=available_at(envelope, now),
        max_tries=envelope.max_tries,
        timeout=envelope.timeout,
        round=envelope.round,
        tries=envelope.tries,
        crashes=envelope.crashes,
    )
    store.jobs[job.id] = store.by_n[job.n] = job
    store.queue(job.queue)
    count_pushed(store, job, now)
    return job
