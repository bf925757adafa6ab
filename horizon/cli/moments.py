"""Durations and times as people type them: `90`, `15m`, `1h30m`, `14:30`, `2031-01-01T08:00`. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo

import click

from horizon.core.clock import DAY, HOUR, MINUTE, SECOND, Micros, from_datetime, to_datetime

UNITS = {"s": SECOND, "m": MINUTE, "min": MINUTE, "h": HOUR, "d": DAY}
_PART = re.compile(r"(\d+(?:\.\d+)?)(s|min|m|h|d)")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
WANTED = "expected seconds, or a duration such as 15m, 1h30m or 2d"


def duration(text: str) -> Micros:
    """More than nothing. Raises BadParameter."""
    given = text.strip().lower().replace(" ", "")
    try:
        found = round(float(given) * SECOND) if not given[-1:].isalpha() else _summed(given)
    except (ValueError, OverflowError):
        found = 0
    if not 0 < found <= 3660 * DAY:
        raise click.BadParameter(f"{WANTED}; got {text[:40]!r}")
    return found


def _summed(given: str) -> Micros:
    """What parts such as 1h and 30m make together. Raises ValueError for anything else between them."""
    if _PART.sub("", given):
        raise ValueError(given)
    return sum(round(float(amount) * UNITS[unit]) for amount, unit in _PART.findall(given))


def moment(text: str, now: Micros, zone: tzinfo | None = None) -> Micros:
    """A time: a duration from now, a time of day to come, or an ISO 8601 time; without a zone of its own, it is of
    `zone` (None: this machine's). Raises BadParameter.
    """
    here = (to_datetime(now) or datetime.min).astimezone(zone)
    if found := _CLOCK.fullmatch(text.strip()):
        return _next(here, int(found[1]), int(found[2]), text)
    try:
        given = datetime.fromisoformat(text.strip())
    except ValueError:
        return now + _from_now(text)
    return from_datetime(given if given.tzinfo else given.replace(tzinfo=zone) if zone else given.astimezone())


def _from_now(text: str) -> Micros:
    try:
        return duration(text)
    except click.BadParameter:
        raise click.BadParameter(f"expected 15m, 2h, 14:30 or 2031-01-01T08:00; got {text[:40]!r}") from None


def _next(here: datetime, hour: int, minute: int, text: str) -> Micros:
    """The next time the clock says so."""
    try:
        given = here.replace(hour=hour, minute=minute, second=0, microsecond=0)
    except ValueError:
        raise click.BadParameter(f"there is no time of day {text[:40]!r}") from None
    return from_datetime(given if given > here else given + timedelta(days=1))
