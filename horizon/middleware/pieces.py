"""Places in a limit that a process takes several at a time, so that not every run asks the store.

One at first, then half of what it has handed out lately, a fiftieth of the limit at the most. What is not used in its slice of
time is lost; the limit holds over all processes.
"""

from __future__ import annotations

import threading
import weakref
from dataclasses import dataclass, field

from horizon.backends.base import Backend
from horizon.core.clock import Micros, now
from horizon.core.limit import RateLimit

PIECES, SHARE = 50, 2
MOST = 10_000
"""Keys of which something is held; with more, what is held is let go."""


@dataclass(kw_only=True, slots=True)
class Held:
    """What this process has of one limit."""

    left: int = 0
    until: Micros = 0
    """When what is left may be used no longer."""
    handed: int = 0
    """How many were handed out lately; half of it is forgotten with every slice."""
    lock: threading.Lock = field(default_factory=threading.Lock)


class Pieces:
    """Those of one store."""

    def __init__(self) -> None:
        self._held: dict[str, Held] = {}
        self._lock = threading.Lock()

    def take(self, store: Backend, key: str, limit: RateLimit) -> Micros | None:
        """Take a place; None where there was one, else how long until there may be."""
        held = self._of(key)
        with held.lock:
            if not now() < held.until <= now() + limit.per:
                held.left, held.handed = 0, held.handed // SHARE
            if not held.left:
                piece = max(1, min(held.handed // SHARE, limit.max_attempts // PIECES))
                before = now()
                taken = store.meters.take(key, limit.max_attempts, limit.per, piece)
                held.left, held.until = taken.granted, before + taken.good_for
                if not taken.granted:
                    return taken.retry_after
            held.left, held.handed = held.left - 1, held.handed + 1
        return None

    def give_back(self, store: Backend, key: str) -> None:
        """Give up a place that was not used."""
        held = self._of(key)
        with held.lock:
            if held.left and now() < held.until:
                held.left += 1
                return
        store.meters.give_back(key)

    def _of(self, key: str) -> Held:
        with self._lock:
            held = self._held.get(key)
            if held is None:
                if len(self._held) >= MOST:
                    self._held.clear()
                held = self._held[key] = Held()
            return held


_OF: weakref.WeakKeyDictionary[Backend, Pieces] = weakref.WeakKeyDictionary()


def pieces_of(store: Backend) -> Pieces:
    """Those of this store, as long as it is in use."""
    found = _OF.get(store)
    if found is None:
        found = _OF.setdefault(store, Pieces())
    return found
