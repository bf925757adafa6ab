"""The store over the bare driver: what the guardian uses, so that it needs neither SQLAlchemy nor the app.

`connect(resolved)` takes what `Runtime.resolved()` wrote: `url`, and where they are given `connection` (name), `lease`
(seconds), `synchronous`, `busy_timeout` (seconds), `max_crashes`, `log_lines`, `retention` (seconds, and `completed_jobs`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from horizon.backends.database.dialects import dialect_of
from horizon.backends.database.notes import DatabaseNotes
from horizon.backends.database.sessions import DatabaseSessions
from horizon.backends.database.store import Store
from horizon.backends.database.turn import turn
from horizon.backends.values import Retention, StoreOptions, Turned, Want
from horizon.core.clock import SECOND
from horizon.core.outcome import Outcome


class BareStore:
    """The few acts a guardian needs."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.sessions = DatabaseSessions(store)
        self.notes = DatabaseNotes(store)

    def turn(self, outcomes: Sequence[Outcome], want: Want | None = None) -> Turned:
        """See `Backend.turn`; to settle or hand back what an executor held."""
        return turn(self._store, outcomes, want)

    def close(self) -> None:
        """Let go of every connection; the next act opens new ones."""
        self._store.access.close()


def connect(resolved: Mapping[str, Any]) -> BareStore:
    """The store these settings name. Nothing is opened before the first act.

    Raises ConfigurationError for an address that could lose jobs.
    """
    extra = {key: resolved[key] for key in ("synchronous", "busy_timeout", "log_lines") if resolved.get(key) is not None}
    dialect = dialect_of(resolved["url"])
    place = dialect.locate(resolved["url"], extra)
    options = StoreOptions(
        name=resolved.get("connection", "default"),
        lease=round(resolved.get("lease", 15.0) * SECOND),
        max_crashes=resolved.get("max_crashes", 3),
        retention=None if resolved.get("retention") is None else _retention(resolved["retention"]),
        extra=extra,
    )
    return BareStore(dialect.store(place, dialect.access(place), options))


def _retention(seconds: Mapping[str, float]) -> Retention:
    """How long things are kept: a turn trims on its way, so the guardian has to know as well as the others."""
    micros = {key: round(value * SECOND) for key, value in seconds.items() if key != "completed_jobs"}
    return Retention(**micros, completed_jobs=int(seconds["completed_jobs"]))
