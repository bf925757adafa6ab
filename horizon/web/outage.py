"""Since when the store has not answered, as this process saw it."""

from __future__ import annotations

from horizon.core.clock import Micros, now


class Outage:
    """Remembers the first failure of an unbroken row of them."""

    def __init__(self) -> None:
        self.since: Micros | None = None

    def failed(self) -> Micros:
        """The store did not answer just now; returns since when it does not."""
        self.since = self.since or now()
        return self.since

    def answered(self) -> None:
        """The store answered: the outage, if there was one, is over."""
        self.since = None
