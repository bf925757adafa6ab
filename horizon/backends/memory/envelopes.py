"""envelopes: waiting jobs as they could be pushed to another store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from horizon.backends.memory.kernel.store import Store
from horizon.core.clock import Micros
from horizon.core.envelope import Envelope
from horizon.core.states import JobState

WAITING = (JobState.PENDING, JobState.SCHEDULED, JobState.RETRYING)


def envelopes(store: Store, ids: Sequence[str], now: Micros) -> list[Envelope]:
    """See `Backend.envelopes`."""
    jobs = [store.jobs[id] for id in ids if id in store.jobs and store.jobs[id].state in WAITING]
    return [
        replace(
            job.envelope,
            queue=job.queue,
            priority=job.priority,
            delay=0,
            available_at=None if job.parked or job.state is JobState.PENDING else job.available_at,
            max_tries=job.max_tries,
            timeout=job.timeout,
            round=job.round,
            tries=job.tries,
            crashes=job.crashes,
            created_at=job.created_at,
            unique_for=None if job.key_until is None else max(0, job.key_until - now),
            edges=(),
        )
        for job in jobs
    ]
