"""How many requests an API token may make within any minute, over all web processes together.

A process takes some at a time from the store and hands them out by itself, so that not every request has to write: one
at first, then half of what it has handed out lately. What is not used in its slice of the minute is lost; the limit holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

from horizon.backends.base import Backend
from horizon.control.acting import Stores
from horizon.core.clock import MINUTE, SECOND, Micros
from horizon.core.errors import TooManyAttempts

PIECES = 50
"""Into how many pieces a minute's allowance is cut at the least: so much is taken at once at the most."""
SHARE = 2
"""By what the number of those handed out lately is divided for the next piece."""


@dataclass(kw_only=True)
class Held:
    """What this process has of one token."""

    left: int = 0
    until: Micros = 0
    """When what is left may be used no longer."""
    handed: int = 0
    """How many were handed out lately; half of it is forgotten with every slice."""


class Allowance:
    """What this process holds, per token: how many are left, and until when."""

    def __init__(self, stores: Stores, limit: int) -> None:
        """`limit`: requests a minute; 0: any number."""
        self._stores, self._limit = stores, limit
        self._held: dict[str, Held] = {}
        self._lock = Lock()

    def spend(self, token: str) -> None:
        """Use one. Raises TooManyAttempts where none is left."""
        if not self._limit:
            return
        store = self._stores.backend()
        now = store.now()
        with self._lock:
            held = self._of(token, now)
            wait = 0 if held.left else self._take(store, token, held, now)
            if held.left:
                held.left, held.handed = held.left - 1, held.handed + 1
                return
        seconds = max(1, -(-wait // SECOND))
        raise TooManyAttempts(
            f"this token has made its {self._limit:,} requests of the past minute (HORIZON_API_RATE); go on in {seconds} s",
            retry_after=seconds,
        )

    def _of(self, token: str, now: Micros) -> Held:
        """What is held of a token; what others held long ago is dropped on the way."""
        held = self._held.get(token)
        if held is None:
            self._held = {id: other for id, other in self._held.items() if other.until > now - MINUTE}
            held = self._held[token] = Held()
        if not now < held.until <= now + MINUTE:
            held.left, held.handed = 0, held.handed // 2
        return held

    def _take(self, store: Backend, token: str, held: Held, now: Micros) -> Micros:
        """Have the store grant the next piece; returns how long to wait where it grants nothing."""
        piece = max(1, min(held.handed // SHARE, self._limit // PIECES))
        taken = store.meters.take(f"token {token}", self._limit, MINUTE, piece)
        held.left, held.until = taken.granted, now + taken.good_for
        return taken.retry_after
