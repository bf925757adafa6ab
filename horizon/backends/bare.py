"""The store for a guardian: the few acts it needs, without the app, and with as little loaded as the store allows."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from horizon.backends import drivers
from horizon.backends.connect import scheme_of
from horizon.backends.notes import Notes
from horizon.backends.nouns import Sessions
from horizon.backends.values import StoreOptions, Turned, Want
from horizon.core.clock import SECOND
from horizon.core.outcome import Outcome

MODULES = {"redis": "horizon.backends.redis.bare", "rediss": "horizon.backends.redis.bare"}
"""Per scheme, whose `connect` opens it; of all others the database wing's."""


class BareStore(Protocol):
    """What a guardian asks of a store."""

    @property
    def sessions(self) -> Sessions: ...

    @property
    def notes(self) -> Notes: ...

    def turn(self, outcomes: Sequence[Outcome], want: Want | None = None) -> Turned:
        """See `Backend.turn`; to settle or hand back what an executor held."""

    def close(self) -> None:
        """Let go of every connection; the next act opens new ones."""


def connect(resolved: Mapping[str, Any]) -> BareStore:
    """The store that `Runtime.resolved()` names. Nothing is opened before the first act. Raises ConfigurationError."""
    if resolved.get("driver"):
        return _of_others(resolved)
    module = MODULES.get(scheme_of(resolved["url"]), "horizon.backends.database.bare")
    made: BareStore = importlib.import_module(module).connect(resolved)
    return made


def _of_others(resolved: Mapping[str, Any]) -> BareStore:
    """The store of another package, which the guardian imports as it is."""
    options = StoreOptions(
        name=resolved.get("connection", "default"),
        lease=round(resolved.get("lease", 15.0) * SECOND),
        max_crashes=resolved.get("max_crashes", 3),
        extra={key: resolved[key] for key in ("log_lines",) if resolved.get(key) is not None},
    )
    made: BareStore = drivers.load(resolved["driver"])(resolved["url"], options)
    return made
