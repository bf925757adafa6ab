"""envelopes: waiting jobs as they could be pushed to another store."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from horizon.backends.database.db import Db, fetch
from horizon.backends.database.kernel.gates import fetch_live
from horizon.backends.database.kernel.gauges import read_limits
from horizon.backends.database.kernel.rows import PENDING, RETRYING, SCHEDULED, Live
from horizon.backends.database.store import Store
from horizon.core.clock import Micros
from horizon.core.envelope import Envelope

WAITING = (PENDING, SCHEDULED, RETRYING)


class Told(NamedTuple):
    """What never changes about a job."""

    n: int
    id: str
    name: str
    payload: bytes
    version: int
    created_at: Micros
    deadline: Micros | None
    tags: str | None
    owner: str | None
    tenant: str | None
    unique_key: str | None
    until_processing: int
    backoff: str | None
    retry_until: Micros | None
    max_crashes: int | None
    hook: int
    code_version: str | None
    signature: str | None
    fair: str | None
    share: int | None
    expires: int | None
    limits: str | None


READ = f"SELECT {', '.join(Told._fields)} FROM horizon_job WHERE id IN ({{in}})"


def envelopes(store: Store, ids: Sequence[str]) -> list[Envelope]:
    """See `Backend.envelopes`."""
    now = store.now()

    def look(db: Db) -> list[Envelope]:
        told = {row[1]: Told._make(row) for row in fetch(db, READ, list(dict.fromkeys(ids)))}
        lives = {job.n: job for job in fetch_live(db, [one.n for one in told.values()]) if job.state in WAITING}
        return [_envelope(told[id], lives[told[id].n], now) for id in ids if id in told and told[id].n in lives]

    return store.read(look)


def _envelope(told: Told, job: Live, now: Micros) -> Envelope:
    unique: dict[str, Any] = {}
    if told.unique_key is not None and not job.key_spent:
        left = None if job.unique_until is None else max(0, job.unique_until - now)
        unique = {"unique_key": told.unique_key, "unique_for": left, "unique_until_processing": bool(told.until_processing)}
    return Envelope(
        id=told.id, name=told.name, queue=job.queue, payload=bytes(told.payload), version=told.version, priority=-job.rank,
        available_at=None if job.waits_for_turn else job.available_at, max_tries=job.max_tries, timeout=job.timeout,
        backoff=told.backoff, retry_until=told.retry_until, max_crashes=told.max_crashes, deadline=told.deadline,
        tags=tuple(json.loads(told.tags)) if told.tags else (), user=told.owner, tenant=told.tenant, round=job.round,
        tries=job.tries, crashes=job.crashes, hook=bool(told.hook), code_version=told.code_version, signature=told.signature,
        created_at=told.created_at, fair=told.fair, share=1 if told.share is None else told.share, expires=bool(told.expires),
        limits=read_limits(told.limits), **unique,
    )  # fmt: skip
