"""What holds jobs back until there is room: not yet."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.backends.nouns import Limits
from horizon.core.errors import ComesLater
from horizon.core.limit import Limit, LimitRecord


class DatabaseLimits(Limits):
    """See `Limits`."""

    def define(self, limits: Sequence[Limit]) -> None:
        """See `Limits.define`."""
        raise ComesLater("limits come with the whole job model, in a later release; define none for now")

    def get(self, key: str) -> LimitRecord | None:
        """See `Limits.get`."""
        return None

    def list(self, limit: int = 100) -> Sequence[LimitRecord]:
        """See `Limits.list`."""
        return []
