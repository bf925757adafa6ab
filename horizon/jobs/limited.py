"""Jobs that may run only so often."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.core.errors import InvalidOption
from horizon.core.limit import ConcurrencyLimit, RateLimit


class RateLimited:
    """Mix it into a job and say its limits. All of them must have room; a job that waits for one loses no try."""

    def get_rate_limits(self) -> Sequence[RateLimit | ConcurrencyLimit]:
        """Asked when it is dispatched, with the job's arguments at hand."""
        raise InvalidOption(  # a slip of the pen in the name would leave the job without any limit, unseen
            f"{type(self).__qualname__} is RateLimited, but does not say how: define get_rate_limits(self), which answers a list such as "
            "[RateLimit(10, 60)], or [] for none"
        )
