"""envelopes: waiting jobs as they could be pushed to another store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from horizon.backends.redis import header
from horizon.backends.redis.packed import fields_of
from horizon.backends.redis.show import record_of
from horizon.backends.redis.store import Store
from horizon.core.envelope import Envelope
from horizon.core.states import JobState

WAITING = (JobState.PENDING, JobState.SCHEDULED, JobState.RETRYING)


def envelopes(store: Store, ids: Sequence[str]) -> list[Envelope]:
    """See `Backend.envelopes`."""
    if not ids:
        return []
    rows = store.run("many", {"payload": True}, *(header.pack_id(id) for id in dict.fromkeys(ids)), safe=True)
    return [_envelope(store, raw) for raw in rows if record_of(store, raw).state in WAITING]


def _envelope(store: Store, raw: Sequence[Any]) -> Envelope:
    record, head, fields = record_of(store, raw), header.read(raw[2]), fields_of(raw[1])
    until = fields.get("Kx")
    return Envelope(
        id=record.id, name=record.name, queue=record.queue, payload=raw[6], version=head.version, priority=record.priority,
        available_at=None if record.state is JobState.PENDING else record.available_at, max_tries=record.max_tries,
        timeout=record.timeout, backoff=head.backoff, retry_until=head.retry_until, max_crashes=head.max_crashes,
        deadline=head.deadline, tags=head.tags, user=head.user, tenant=head.tenant, group=record.group, round=record.round, tries=record.attempts, crashes=record.crashes,
        hook=head.hook, code_version=head.code_version, signature=head.signature, created_at=record.created_at,
        unique_key=None if "Ks" in fields else head.unique_key, unique_until_processing="Ku" in fields,
        limits=head.limits,
        fair=fields.get("fk"), share=int(fields.get("fs", 1)), expires="ex" in fields,
        unique_for=None if until is None else max(0, int(until) - store.now()),
    )  # fmt: skip
