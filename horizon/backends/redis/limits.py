"""Rate and concurrency limits: not yet."""

from __future__ import annotations

from horizon.backends.nouns import Limits
from horizon.core.clock import Micros
from horizon.core.errors import ComesLater


class RedisLimits(Limits):
    """See `Limits`."""

    def define(self, name: str, *, max_jobs: int, per: Micros) -> None:
        """See `Limits.define`."""
        raise ComesLater(f"limit {name!r} cannot be kept yet: rate and concurrency limits come with the whole job model")
