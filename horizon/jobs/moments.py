"""When: seconds from now, a timedelta, or an aware datetime, as people write it."""

from __future__ import annotations

from datetime import datetime

from horizon.core.clock import SECOND, Micros, from_datetime, iso
from horizon.core.errors import InvalidOption
from horizon.jobs import options

SLACK: Micros = SECOND // 10
"""A moment this little in the past counts as now: `datetime.now(UTC)` has passed by the time it is looked at."""


def moment(value: object, now: Micros, what: str) -> Micros:
    """The moment that is meant, by the clock that says `now`. Raises InvalidOption for the past, or a naive datetime."""
    if isinstance(value, datetime):
        at = aware(value, what)
        if at < now - SLACK:
            raise InvalidOption(f"{what} lies in the past: {iso(at)}, and it is {iso(now)} now")
        if at - now > options.LONGEST:
            raise InvalidOption(f"{what} is more than ten years away: {iso(at)}")
        return max(at, now)
    return now + options.seconds(value, what)


def aware(value: datetime, what: str) -> Micros:
    """A datetime as microseconds. Raises InvalidOption for a naive one."""
    try:
        return from_datetime(value)
    except ValueError as error:
        raise InvalidOption(f"{what}: {error}") from None
