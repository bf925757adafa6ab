"""What happened, per minute, queue and class."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from horizon.backends.memory.kernel.store import Job, Store
from horizon.backends.values import Sample
from horizon.core import dead
from horizon.core.clock import MINUTE, Micros
from horizon.core.histogram import Histogram
from horizon.core.outcome import Kind, Outcome
from horizon.core.states import JobState


def count_pushed(store: Store, job: Job, now: Micros) -> None:
    """A job was accepted."""
    sample = _sample(store, job, now)
    _keep(store, replace(sample, pushed=sample.pushed + 1))


def count_ended(store: Store, job: Job, to: JobState, now: Micros) -> None:
    """A job ended without running."""
    sample = _sample(store, job, now)
    if to is JobState.CANCELLED:
        sample = replace(sample, cancelled=sample.cancelled + 1)
    elif to is JobState.FAILED:
        sample = replace(sample, failed=sample.failed + 1)
    _keep(store, sample)


def count_attempt(store: Store, job: Job, outcome: Outcome, to: JobState, now: Micros) -> None:
    """An attempt ended; durations are counted where its code ran to an end of its own."""
    sample = _sample(store, job, now)
    if outcome.started and outcome.kind is not Kind.RETURNED:
        sample.runtime.add(outcome.runtime)
        sample.wait.add(job.wait or 0)
    retried = outcome.kind is Kind.RETRY and not to.terminal
    _keep(
        store,
        replace(
            sample,
            completed=sample.completed + (to is JobState.COMPLETED),
            failed=sample.failed + (to is JobState.FAILED),
            cancelled=sample.cancelled + (to is JobState.CANCELLED),
            retried=sample.retried + retried,
            memory_kb=max(sample.memory_kb, outcome.memory_kb or 0),
        ),
    )


def between(store: Store, since: Micros, until: Micros | None = None) -> Iterator[Sample]:
    """Those that begin in this time, in their order; of all other times nothing is looked at. They are the store's own."""
    for at in sorted(at for at in store.samples if since <= at and (until is None or at < until)):
        yield from (one for _, one in sorted(store.samples[at].items()))


def copied(one: Sample) -> Sample:
    """As it is now: the store counts on in its own."""
    return merged(one, Sample(minute=one.minute, queue=one.queue, name=one.name))


def merged(one: Sample, other: Sample) -> Sample:
    """Two samples of the same queue and class as one, at the time of the first; neither is touched."""
    return replace(
        one,
        pushed=one.pushed + other.pushed,
        completed=one.completed + other.completed,
        failed=one.failed + other.failed,
        cancelled=one.cancelled + other.cancelled,
        retried=one.retried + other.retried,
        runtime=Histogram().merge(one.runtime).merge(other.runtime),
        wait=Histogram().merge(one.wait).merge(other.wait),
        memory_kb=max(one.memory_kb, other.memory_kb),
    )


def _sample(store: Store, job: Job, now: Micros) -> Sample:
    minute = now - now % MINUTE
    queue = dead.own(job.queue)
    return store.samples.get(minute, {}).get((queue, job.name)) or Sample(minute=minute, queue=queue, name=job.name)


def _keep(store: Store, sample: Sample) -> None:
    store.samples.setdefault(sample.minute, {})[sample.queue, sample.name] = sample
