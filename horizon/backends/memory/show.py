"""A record as it is read back."""

from __future__ import annotations

from typing import Any

from horizon.backends.memory.kernel import lots
from horizon.backends.memory.kernel.settle import worker_of
from horizon.backends.memory.kernel.store import Job, Store
from horizon.backends.parking import waits_for
from horizon.core.envelope import Envelope
from horizon.core.record import RELATED, Attempt, Record
from horizon.core.states import JobState


def record_of(store: Store, job: Job, *, whole: bool = False) -> Record:
    """One job; `whole` adds payload, result and history."""
    envelope = job.envelope
    running = job.state is JobState.PROCESSING
    bar = lots.barred_by(store, lots.lot_of(job), store.now()) if job.parked else None
    return Record(
        id=job.id,
        n=job.n,
        name=job.name,
        queue=job.queue,
        connection=store.options.name,
        state=job.state or JobState.PENDING,
        priority=job.priority,
        created_at=job.created_at,
        available_at=job.available_at,
        started_at=job.reserved_at if running else job.started_at,
        finished_at=job.finished_at,
        attempts=job.tries,
        max_tries=job.max_tries,
        timeout=job.timeout,
        round=job.round,
        crashes=job.crashes,
        **_said(envelope),
        worker=worker_of(store, job) if running else job.worker,
        session=job.session,
        progress=job.progress,
        progress_note=job.progress_note,
        error=job.error,
        reason=waits_for(bar.limit) if bar else _reason(job),
        cancel_requested=job.cancel_reason is not None,
        memory_kb=job.memory_kb,
        wait=job.wait,
        runtime=job.runtime,
        code_version=envelope.code_version,
        forgotten=job.hidden_at is not None,
        signature=envelope.signature if whole else None,
        payload=envelope.payload if whole else None,
        result=job.result if whole else None,
        history=_history(store, job) if whole else (),
        waits_for=_waits_for(job),
        limits=tuple(limit.key for limit in envelope.limits) if whole else (),
        waits_for_limit=bar.limit.key if bar else None,
        **(_related(store, job) if whole else {}),
    )


def _said(envelope: Envelope) -> dict[str, Any]:
    """What a record takes from its envelope as it is."""
    return {
        "tags": envelope.tags, "user": envelope.user, "tenant": envelope.tenant, "group": envelope.group, "deadline": envelope.deadline,
        "expires": envelope.expires, "fair": envelope.fair, "unique_key": envelope.unique_key, "backoff": envelope.backoff,
    }  # fmt: skip


def _history(store: Store, job: Job) -> tuple[Attempt, ...]:
    """Every attempt that began, the one under way included."""
    if job.state is not JobState.PROCESSING:
        return tuple(job.history)
    under_way = Attempt(
        number=job.runs,
        round=job.round,
        started_at=job.reserved_at,
        finished_at=None,
        worker=worker_of(store, job),
        outcome="running",
        logs=tuple(job.logs),
        logs_dropped=job.logs_dropped,
    )
    return (*job.history, under_way)


def _reason(job: Job) -> str | None:
    """Why it is where it is; of one that was asked to stop, why that was asked."""
    if job.hidden_at is not None and job.forget_reason:
        return job.forget_reason
    running = job.state is not None and not job.state.terminal
    return job.cancel_reason if running and job.cancel_reason is not None else job.reason


def _related(store: Store, job: Job) -> dict[str, Any]:
    """The jobs on either side of its edges, and who has its key instead of it."""
    parents = sorted({store.jobs[wait.parent].n for wait in job.waits if wait.parent in store.jobs})
    children = sorted(set(store.dependants.get(job.id, ())))
    holder = store.keys.get(job.envelope.unique_key or "")
    return {
        "depends_on": tuple(store.by_n[n].id for n in parents[:RELATED]),
        "dependants": tuple(store.by_n[n].id for n in children[:RELATED]),
        "key_holder": None if holder == job.id else holder,
    }


def _waits_for(job: Job) -> tuple[str, ...]:
    return tuple(wait.parent for wait in job.waits if not wait.met) if job.state is JobState.BLOCKED else ()
