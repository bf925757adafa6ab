"""Cron-like schedules: not yet."""

from __future__ import annotations

from horizon.backends.nouns import Schedules
from horizon.core.envelope import Envelope
from horizon.core.errors import ComesLater


class RedisSchedules(Schedules):
    """See `Schedules`."""

    def define(self, name: str, cron: str, envelope: Envelope, *, timezone: str = "UTC") -> None:
        """See `Schedules.define`."""
        raise ComesLater(f"schedule {name!r} cannot be kept yet: schedules come with the whole job model")
