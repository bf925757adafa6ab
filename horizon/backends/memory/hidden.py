"""Forgotten jobs, as long as they can come back."""

from __future__ import annotations

from horizon.backends.memory.kernel.store import Store
from horizon.backends.memory.show import record_of
from horizon.core.clock import Micros
from horizon.core.record import Record


def hidden(store: Store, now: Micros, before: tuple[Micros, int] | None, limit: int) -> list[tuple[Micros, Record]]:
    """See `Backend.hidden`."""
    since = now - store.retention.undo
    rows = [(job.hidden_at, job.n, job) for job in store.by_n.values() if job.hidden_at is not None and job.hidden_at > since]
    older = sorted(((at, n, job) for at, n, job in rows if before is None or (at, n) < before), key=lambda row: row[:2], reverse=True)
    return [(at, record_of(store, job)) for at, _, job in older[:limit]]
