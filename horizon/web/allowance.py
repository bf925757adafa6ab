"""How many requests an API token may make in a minute, over all web processes together.

A process takes some at a time from the store and hands them out by itself, so that not every request has to write.
"""

from __future__ import annotations

from threading import Lock

from horizon.backends.base import Backend
from horizon.control.acting import Stores
from horizon.core.clock import MINUTE, SECOND, Micros
from horizon.core.errors import TooManyAttempts

PIECES = 50
"""Into how many pieces a minute's allowance is cut: so much of it at the most lies unused with each process."""


class Allowance:
    """What this process holds, per token: how many are left, and until when."""

    def __init__(self, stores: Stores, limit: int) -> None:
        """`limit`: requests a minute; 0: any number."""
        self._stores, self._limit = stores, limit
        self._left: dict[str, tuple[int, Micros]] = {}
        self._lock = Lock()

    def spend(self, token: str) -> None:
        """Use one. Raises TooManyAttempts where none is left."""
        if not self._limit:
            return
        store = self._stores.backend()
        now = store.now()
        with self._lock:
            left, until = self._left.get(token, (0, 0))
            if left == 0 or not now < until <= now + MINUTE:
                left, until = self._taken(store, token, now)
            self._left[token] = (max(0, left - 1), until)
        if left == 0:
            seconds = max(1, -(-(until - now) // SECOND))
            raise TooManyAttempts(
                f"this token has made its {self._limit:,} requests of this minute (HORIZON_API_RATE); go on in {seconds} s",
                retry_after=seconds,
            )

    def _taken(self, store: Backend, token: str, now: Micros) -> tuple[int, Micros]:
        """The next piece from the store; what other tokens left of minutes that are over is dropped on the way."""
        self._left = {id: (left, until) for id, (left, until) in self._left.items() if until > now}
        taken = store.meters.take(f"token {token}", self._limit, MINUTE, max(1, self._limit // PIECES))
        return taken.granted, now + taken.retry_after
