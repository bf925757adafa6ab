"""wait: block until there may be a job."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.backends.memory.kernel.store import Store
from horizon.backends.memory.turn import next_due
from horizon.core.clock import SECOND, monotonic


def wait(store: Store, queues: Sequence[str], timeout: float) -> bool:
    """See `Backend.wait`."""
    ends = monotonic() + timeout
    with store.lock:
        wakes = store.wakes
        while True:
            if store.wakes != wakes or _may_have(store, queues):
                return True
            left = min(ends - monotonic(), _until_due(store, queues))
            if left <= 0:
                return False
            store.news.wait(left)


def _may_have(store: Store, queues: Sequence[str]) -> bool:
    """Something that is pending, due or in the inbox; what is paused does not count."""
    now = store.now()
    if store.inbox:
        return True
    due = next_due(store, queues, now)
    if due is not None and due <= now:
        return True
    return any(store.ready.get(name) and not store.settings(name, now).paused for name in queues or list(store.ready))


def _until_due(store: Store, queues: Sequence[str]) -> float:
    now = store.now()
    due = next_due(store, queues, now)
    return float("inf") if due is None else max(0.001, (due - now) / SECOND)
