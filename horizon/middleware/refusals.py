"""What the store has refused this process lately, so that it is not asked again before the answer can be another.

A thousand jobs behind a limit of ten would each ask, be refused, and ask again together when the first ten may run. Here the first
asks; those after it are told when their turn may come: the next ten with the next window, the ten after them with the one after
that, at most `AHEAD` windows on, since others may have gone by then.
"""

from __future__ import annotations

import threading
import weakref

from horizon.backends.base import Backend
from horizon.backends.slices import SLICES
from horizon.core.clock import Micros, now
from horizon.core.limit import RateLimit

AHEAD = 16
MOST = 10_000
"""Keys that are remembered; with more, all are forgotten, and asked about anew."""


class Refusals:
    """Those of one store."""

    def __init__(self) -> None:
        self._until: dict[str, Micros] = {}
        self._waiting: dict[str, int] = {}
        self._lock = threading.Lock()

    def wait(self, key: str, limit: RateLimit) -> Micros | None:
        """How long one more job has to wait for this key; None where the store has to be asked."""
        if key not in self._until:
            return None
        with self._lock:
            left = self._until.get(key, 0) - now()
            if left <= 0:
                self._forget(key)
                return None
            self._waiting[key] += 1
            return left + min(self._waiting[key] // limit.max_attempts, AHEAD) * _turn(limit)

    def note(self, key: str, wait: Micros) -> None:
        """The store has no room for so long."""
        with self._lock:
            if len(self._until) >= MOST:
                self._until.clear()
                self._waiting.clear()
            self._until[key], self._waiting[key] = now() + wait, 0

    def forget(self, key: str) -> None:
        """A place was given back."""
        with self._lock:
            self._forget(key)

    def _forget(self, key: str) -> None:
        self._until.pop(key, None)
        self._waiting.pop(key, None)


def _turn(limit: RateLimit) -> Micros:
    """From one window's beginning to the next one's: in a sliding one, what was taken counts a tenth longer."""
    return limit.per if limit.strategy == "fixed" else limit.per + limit.per // SLICES


_OF: weakref.WeakKeyDictionary[Backend, Refusals] = weakref.WeakKeyDictionary()


def refusals_of(store: Backend) -> Refusals:
    """Those of this store, as long as it is in use."""
    found = _OF.get(store)
    if found is None:
        found = _OF.setdefault(store, Refusals())
    return found
