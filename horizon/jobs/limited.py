"""Jobs that may run only so often."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.core.limit import ConcurrencyLimit, RateLimit


class RateLimited:
    """Mix it into a job and say its limits. All of them must have room; a job that waits for one loses no try."""

    def get_rate_limits(self) -> Sequence[RateLimit | ConcurrencyLimit]:
        """Asked when it is dispatched, with the job's arguments at hand."""
        return ()
