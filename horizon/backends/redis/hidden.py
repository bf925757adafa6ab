"""Forgotten jobs, as long as they can come back."""

from __future__ import annotations

from horizon.backends.redis.packed import fields_of
from horizon.backends.redis.show import record_of
from horizon.backends.redis.store import Store
from horizon.core.clock import Micros
from horizon.core.record import Record


def hidden(store: Store, before: tuple[Micros, int] | None, limit: int) -> list[tuple[Micros, Record]]:
    """See `Backend.hidden`."""
    what = {"undo": store.retention.undo, "before": before if before is not None else False, "limit": limit}
    return [(int(fields_of(raw[1])["hd"]), record_of(store, raw)) for raw in store.run("hidden", what, safe=True)]
