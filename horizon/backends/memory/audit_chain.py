"""The chain of the audit log."""

from __future__ import annotations

from dataclasses import replace

from horizon.backends.memory.kernel.store import Store
from horizon.core.chain import Mark, chained
from horizon.core.clock import Micros


def seal(store: Store, now: Micros, limit: int) -> int:
    """See `Audit.seal`."""
    waiting = [(place, entry) for place, entry in enumerate(store.entries) if entry.link is None][:limit]
    made = chained(store.chain.head, (entry for _, entry in waiting))
    for (place, _), entry in zip(waiting, made, strict=True):
        store.entries[place] = entry
    if made:
        store.chain = replace(store.chain, head=Mark(link=made[-1].link or 0, hash=made[-1].hash or ""), sealed_at=now)
    return len(made)


def trim(store: Store, until: Micros) -> None:
    """Remove entries of this age and older from the beginning of the chain."""
    for entry in sorted((entry for entry in store.entries if entry.link is not None), key=lambda entry: entry.link or 0):
        if (entry.at or 0) > until:
            return
        store.entries.remove(entry)
        store.chain = replace(store.chain, anchor=Mark(link=entry.link or 0, hash=entry.hash or ""))
