"""When a schedule comes: cron as Vixie cron has it, or every so often. Pure: texts and times in, times out.

The only home of cronsim.

Cron has five fields, `minute hour day-of-month month day-of-week`; a sixth one in front counts
seconds. 0 and 7 are Sunday; where day of the month and day of the week are both given, either will do. On the days on which the
clocks change, a plan with a fixed time of day comes once: what falls into the hour that is left out comes right after it,
what falls into the hour that comes twice is not repeated. A plan whose minute or hour begins with `*` goes by the time that really
passes. Intervals are counted from 1970 in UTC, so that neither a restart nor a deployment shifts them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from horizon.core.clock import DAY, HOUR, MINUTE, SECOND, Micros, from_datetime, to_datetime
from horizon.core.errors import InvalidOption
from horizon.jobs import options

NAMED = {
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0", "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
}  # fmt: skip
MAX_TEXT = 200
LONGEST_INTERVAL = 366 * DAY
WINDOWS: tuple[Micros, ...] = (HOUR, DAY, 32 * DAY)
"""How far back is looked for the latest times that passed, step by step: most of what passed long ago need not be counted."""
EXAMPLES = "write five fields (minute hour day-of-month month day-of-week) such as '0 2 * * 1', or @daily, or 'every 30s'"
_EVERY = re.compile(r"@?every\s+((?:\d+(?:\.\d+)?\s*[a-z]+\s*)+)", re.IGNORECASE)
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)\s*", re.IGNORECASE)
_UNITS = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), SECOND), **dict.fromkeys(("m", "min", "minute", "minutes"), MINUTE),
    **dict.fromkeys(("h", "hour", "hours"), HOUR), **dict.fromkeys(("d", "day", "days"), DAY),
}  # fmt: skip
_FIELDS = {
    "second": "0 to 59", "minute": "0 to 59", "hour": "0 to 23", "day-of-month": "1 to 31", "month": "1 to 12, or jan to dec",
    "day-of-week": "0 to 7 (0 and 7 are Sunday), or sun to sat; Monday to Sunday is 1-7",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Passed:
    """Times that are over, as far as anybody needs to know."""

    latest: Sequence[Micros]
    """The last ones, in their order."""
    count: int
    exact: bool
    """Whether these are all of them; else there were at least so many."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Times:
    """The times of one plan."""

    text: str
    zone: str
    cron: str | None
    interval: Micros | None

    def after(self, at: Micros) -> Micros | None:
        """The first one later than this; None where there is none within fifty years."""
        return next(self.all_after(at), None)

    def all_after(self, at: Micros) -> Iterator[Micros]:
        """Every one later than this, in their order."""
        if self.interval is not None:
            at -= at % self.interval
            while True:
                at += self.interval
                yield at
        begin = _datetime(at).astimezone(zone_of(self.zone))
        for found in CronSim(self.cron or "", begin):
            moment = from_datetime(found)
            if moment > at:  # in the hour that comes twice, cronsim answers with the first of the two
                at = moment
                yield moment

    def following(self, at: Micros, count: int) -> list[Micros]:
        """The next so many."""
        return list(islice(self.all_after(at), count))

    def passed(self, first: Micros, now: Micros, most: int) -> Passed:
        """Of the times from `first`, which is one, up to now: the latest `most`, and how many there were."""
        if self.interval is not None:
            count = (now - first) // self.interval + 1
            kept = min(count, most)
            last = first + (count - 1) * self.interval
            return Passed(latest=[last - step * self.interval for step in range(kept)][::-1], count=count, exact=True)
        for window in (*WINDOWS, None):
            begin = first if window is None else max(first, now - window)
            found = [first] if begin == first else []
            for at in self.all_after(begin):
                if at > now:
                    break
                found.append(at)
            if begin == first or len(found) >= most:
                return Passed(latest=found[-most:], count=len(found), exact=begin == first)
        raise AssertionError("the last window begins at the first time")

    def words(self) -> str:
        """The plan in words."""
        if self.interval is not None:
            return f"Every {_spelt(self.interval)}"
        return _in_words(self.cron or "")


def parse(text: object, zone: str = "UTC") -> Times:
    """The times of a plan: cron, `@daily` and its like, `every 30s`, a number of seconds or a timedelta.

    Raises InvalidOption for what is not understood, for what never comes (31 February), and for an unknown time zone.
    """
    if isinstance(text, (int, float, timedelta)) and not isinstance(text, bool):
        return parse(f"every {options.seconds(text, 'the interval of a schedule') / SECOND:g}s", zone)
    if not isinstance(text, str) or not text.strip() or len(text) > MAX_TEXT:
        raise InvalidOption(f"a schedule says when it comes: {EXAMPLES}; got {_short(text)}")
    return _parsed(" ".join(text.split()), zone)


@lru_cache(maxsize=1000)
def _in_words(cron: str) -> str:
    return str(CronSim(cron, _datetime(0)).explain())


@lru_cache(maxsize=1000)
def _parsed(text: str, zone: str) -> Times:
    zone_of(zone)
    lower = text.lower()
    if found := _EVERY.fullmatch(text):
        return Times(text=text, zone=zone, cron=None, interval=_interval(found[1], text))
    if lower == "@reboot":
        raise InvalidOption("@reboot has no meaning here: no single process is the one that starts; dispatch the job in your deployment")
    if lower.startswith("@") and lower not in NAMED:
        raise InvalidOption(f"there is no {text!r}; there are {', '.join(NAMED)} and 'every 30s'")
    if lower.startswith("every"):
        raise InvalidOption(f"the interval in {text!r} is not understood: write 'every 30s', 'every 5 min' or 'every 1h 30m'")
    cron = NAMED.get(lower, text)
    times = Times(text=text, zone=zone, cron=cron, interval=None)
    _check(cron, text)
    if times.after(0) is None:
        raise InvalidOption(f"{text!r} never comes: no date fits all its fields; for the last day of a month write L")
    return times


def _check(cron: str, text: str) -> None:
    """Raise InvalidOption for what cronsim does not take, saying which field is wrong and what it may hold."""
    fields = cron.split()
    if len(fields) not in (5, 6):
        raise InvalidOption(f"cron has five fields, or six with seconds in front, and {text!r} has {len(fields)}; {EXAMPLES}")
    try:
        CronSim(cron, _datetime(0))
    except CronSimError as error:
        name = str(error).removeprefix("Bad ")
        if name == "day-of-month" and _is_day_that_months_lack(fields[-3]):
            raise InvalidOption(
                f"{text!r} never comes: none of its months has such a day; for the last day of a month write L in the third field"
            ) from None
        raise InvalidOption(f"the {name} in {text!r} is not understood; it takes {_FIELDS.get(name, 'a number')}") from None


def _is_day_that_months_lack(field: str) -> bool:
    return all(part.isdigit() and 30 <= int(part) <= 31 for part in re.split(r"[,-]", field))


def _interval(parts: str, text: str) -> Micros:
    total = 0
    for amount, unit in _PART.findall(parts):
        if unit.lower() not in _UNITS:
            raise InvalidOption(f"{unit!r} in {text!r} is no unit of time; there are s, min, h and d")
        total += round(float(amount) * _UNITS[unit.lower()])
    if not SECOND <= total <= LONGEST_INTERVAL:
        raise InvalidOption(f"an interval is from 1 second to 366 days; got {text!r}")
    return total


def zone_of(name: str) -> tzinfo:
    """A time zone by its name. Raises InvalidOption, with the nearest there is."""
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        known = available_timezones()
        by_city = [one for one in known if one.rpartition("/")[2].lower() == str(name).strip().lower().replace(" ", "_")]
        hint = f" (did you mean {by_city[0]!r}?)" if by_city else options.nearest(str(name), known)
        missing = "" if known else "; this machine has no time zones at all: pip install tzdata"
        raise InvalidOption(f"there is no time zone {_short(name)}{hint}; write one such as 'Europe/Rome' or 'UTC'{missing}") from None


def _datetime(at: Micros) -> datetime:
    return to_datetime(at) or datetime(1970, 1, 1, tzinfo=UTC)


def _spelt(interval: Micros) -> str:
    for name, unit in (("day", DAY), ("hour", HOUR), ("minute", MINUTE)):
        if interval % unit == 0:
            return name if interval == unit else f"{interval // unit} {name}s"
    return "second" if interval == SECOND else f"{interval / SECOND:g} seconds"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:58]}…"
