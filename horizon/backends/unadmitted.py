"""A job that is committed in the inbox and not yet admitted, as people see it."""

from __future__ import annotations

from horizon.core.clock import Micros
from horizon.core.envelope import Envelope
from horizon.core.record import Record
from horizon.core.states import JobState


def unadmitted(envelope: Envelope, received_at: Micros, connection: str) -> Record:
    """Its record, in the state it is about to have."""
    later = envelope.available_at is not None and envelope.available_at > received_at
    return Record(
        id=envelope.id,
        n=0,
        name=envelope.name,
        queue=envelope.queue,
        connection=connection,
        state=JobState.BLOCKED if envelope.edges else JobState.SCHEDULED if later else JobState.PENDING,
        priority=envelope.priority,
        created_at=received_at if envelope.created_at is None else envelope.created_at,
        available_at=envelope.available_at,
        started_at=None,
        finished_at=None,
        attempts=0,
        max_tries=envelope.max_tries,
        timeout=envelope.timeout,
        tags=envelope.tags,
        user=envelope.user,
        tenant=envelope.tenant,
        deadline=envelope.deadline,
        expires=envelope.expires,
        fair=envelope.fair,
        unique_key=envelope.unique_key,
        backoff=envelope.backoff,
        code_version=envelope.code_version,
        in_inbox=True,
        limits=tuple(limit.key for limit in envelope.limits),
        signature=envelope.signature,
        payload=envelope.payload,
        waits_for=tuple(edge.job_id for edge in envelope.edges),
    )
