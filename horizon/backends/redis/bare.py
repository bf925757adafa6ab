"""The store for the guardian: the few acts it needs, without the app. See `Runtime.resolved` for what it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from horizon.backends.redis.address import locate
from horizon.backends.redis.link import Link
from horizon.backends.redis.notes import RedisNotes
from horizon.backends.redis.sessions import RedisSessions
from horizon.backends.redis.store import Store
from horizon.backends.redis.turn import turn
from horizon.backends.values import StoreOptions, Turned, Want
from horizon.core.clock import SECOND
from horizon.core.outcome import Outcome


class BareStore:
    """The few acts a guardian needs."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.sessions = RedisSessions(store)
        self.notes = RedisNotes(store)

    def turn(self, outcomes: Sequence[Outcome], want: Want | None = None) -> Turned:
        """See `Backend.turn`; to settle or hand back what an executor held."""
        return turn(self._store, outcomes, want)

    def close(self) -> None:
        """Let go of every connection; the next act opens new ones."""
        self._store.link.close()


def connect(resolved: Mapping[str, Any]) -> BareStore:
    """The store these settings name. Nothing is opened before the first act. Raises ConfigurationError."""
    extra = {key: resolved[key] for key in ("log_lines",) if resolved.get(key) is not None}
    options = StoreOptions(
        name=resolved.get("connection", "default"),
        lease=round(resolved.get("lease", 15.0) * SECOND),
        max_crashes=resolved.get("max_crashes", 3),
        extra=extra,
    )
    return BareStore(Store(Link(locate(resolved["url"], extra)), options))
