"""Rare plans of schedules in other languages: the English sentence that says a cron expression is taken apart, clause by clause.

What comes daily, hourly or on days of the week has sentences of its own in the catalogue. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable

Say = Callable[[str], str | None]
"""A text of the catalogue."""
UNITS = {
    "second": "seconds",
    "minute": "minutes",
    "hour": "hours",
    "day of month": "days",
    "month": "months",
    "day of week": "days of the week",
}
ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
KEYS = (
    "at {times}", "every second", "every minute", "every hour", "every day", "every month", "at second {list}", "at minute {list}", "at hour {list}",
    *(f"every {{n}} {unit}" for unit in UNITS.values()),
    *(f"every {unit} from {{start}} through {{stop}}" for unit in ("second", "minute", "hour", "day", "month")),
    *(f"every {{n}} {unit} from {{start}} through {{stop}}" for unit in UNITS.values()),
    "day {list} of the month", "day {list} of {months}", "the last day of {months}", "the last weekday of the month", "the last weekday of {months}",
    "{month} {day}", "weekday {n} of the month: {weekday}", "on {days} if it is {weekdays}", "on {days} and also on {weekdays}",
)  # fmt: skip
"""What it is put together from."""
_WHOLE = re.compile(r"(?P<time>.+?)(?: every day)?(?: on (?P<on>(?:the |every |[A-Z]).+?))?(?: in (?P<months>[A-Z].*|every .*))?")
_COMMON = re.compile(r"(?:the \w+ day of every month|the last day of the month|(?!the|every)[A-Z][a-z]+day\b[^0-9]*)")
_FIELD = re.compile(
    r"every(?: (?P<nth>\w+))? (?P<unit>second|minute|hour|day of month|month|day of week)(?: from (?P<start>\w+) through (?P<stop>\w+))?"
)
_SINGLES = re.compile(r"(?:at )?(?P<unit>second|minute|hour)s? (?P<list>\d+(?:(?:, and |, | and )\d+)*)")
_JOINT = re.compile(r", and |, | and ")
_DAYS = re.compile(r"(?P<list>the \w+(?:(?:, and |, | and )the \w+)*) day of (?P<of>.+)")
_OF_WEEK = re.compile(r"the (?P<nth>\w+) (?P<day>[A-Z]\w+) of the month")
_SECOND_AND_MINUTE = re.compile(r"(?<!\bat) (?=(?:at )?(?:every (?:\w+ )?minute\b|minutes? \d))")


class Unknown(Exception):
    """A clause that is none of those."""


def told(text: str, say: Say) -> str | None:
    """The sentence by its clauses; None for one that is no plan, or a common one. `say`: what the catalogue has for a text."""
    found = _WHOLE.fullmatch(text[:1].lower() + text[1:]) if text.startswith(("At ", "Every ")) else None
    if found is None:
        return None
    try:
        clauses = _time(found["time"], say)
        if found["on"]:
            clauses.append(_days(found["on"], say))
        elif len(clauses) == 1 and not found["months"]:
            return None
        if found["months"]:
            clauses.append(_items(found["months"], say))
    except Unknown:
        return None
    if not _is_rare(found["time"], found["on"] or "", found["months"] or ""):
        return None
    whole = ", ".join(clauses)
    return whole[:1].upper() + whole[1:]


def _is_rare(time: str, on: str, months: str) -> bool:
    plain_days = not on or _COMMON.fullmatch(on) is not None
    plain_time = (
        re.fullmatch(r"at [\d:, and]+|every (?:\w+ )?minute from [\d:]+ through [\d:]+|every \w+ minute of every hour", time) is not None
    )
    return not (plain_days and plain_time and not months.startswith("every"))


def _put(say: Say, key: str, **values: str) -> str:
    found = say(key)
    if found is None:
        raise Unknown(key)
    return re.sub(r"\{(\w+)\}", lambda hole: values.get(hole[1], hole[0]), found)


def _listed(parts: list[str], say: Say) -> str:
    if len(parts) < 2:
        return "".join(parts)
    both = say("{first} and {second}") or "{first} and {second}"
    return both.replace("{first}", ", ".join(parts[:-1])).replace("{second}", parts[-1])


def _number(ordinal: str) -> str:
    found = re.fullmatch(r"(\d+)(?:st|nd|rd|th)", ordinal)
    if found is None and ordinal not in ORDINALS:
        raise Unknown(ordinal)
    return found[1] if found else str(ORDINALS.index(ordinal))


def _time(text: str, say: Say) -> list[str]:
    if re.fullmatch(r"at \d\d:.*", text):
        return [_put(say, "at {times}", times=_listed(_JOINT.split(text[3:]), say))]
    for within in ("hour", "minute"):
        if text.endswith(f" of every {within}"):
            return [_items(text.removesuffix(f" of every {within}"), say), _put(say, f"every {within}")]
    start, _, hours = text.partition(" past ")
    return [*(_items(part, say) for part in _SECOND_AND_MINUTE.split(start)), *([_items(hours, say)] if hours else [])]


def _items(text: str, say: Say) -> str:
    """The values of a field."""
    if found := _SINGLES.fullmatch(text):
        return _put(say, f"at {found['unit']} {{list}}", list=_listed(_JOINT.split(found["list"]), say))
    return _listed([_item(one, say) for one in _JOINT.split(text.removeprefix("at "))], say)


def _item(text: str, say: Say) -> str:
    if _SINGLES.fullmatch(text):
        return _items(text, say)
    found = _FIELD.fullmatch(text)
    if found is None:
        return _name(text, say)
    nth, unit, span = found["nth"], found["unit"], " from {start} through {stop}" if found["start"] else ""
    ends = {"start": _name(found["start"] or "0", say), "stop": _name(found["stop"] or "0", say)}
    if nth:
        return _put(say, f"every {{n}} {UNITS[unit]}{span}", n=_number(nth), **ends)
    return _put(say, f"every {unit.partition(' ')[0]}{span}", **ends)


def _name(text: str, say: Say) -> str:
    """A number, a month, a day of the week, or several days in a row."""
    start, through, stop = text.partition(" through ")
    if through:
        return _put(say, "{start} through {stop}", start=_name(start, say), stop=_name(stop, say))
    return text if text.isdecimal() else _put(say, text) if text[:1].isupper() else _unknown(text)


def _unknown(text: str) -> str:
    raise Unknown(text)


def _days(text: str, say: Say) -> str:
    for between, key in ((" if it's on ", "on {days} if it is {weekdays}"), (" and on ", "on {days} and also on {weekdays}")):
        days, both, weekdays = text.partition(between)
        if both:
            return _put(say, key, days=_day(days, say), weekdays=_day(weekdays, say))
    return _day(text, say)


def _day(text: str, say: Say) -> str:
    if text.startswith("the last weekday of "):
        months = text.removeprefix("the last weekday of ")
        return (
            _put(say, "the last weekday of the month")
            if months in ("the month", "every month")
            else _put(say, "the last weekday of {months}", months=_items(months, say))
        )
    if text.startswith("the last day of ") and text != "the last day of the month":
        return _put(say, "the last day of {months}", months=_items(text.removeprefix("the last day of "), say))
    if found := re.fullmatch(r"([A-Z]\w+) (\d+)", text):
        return _put(say, "{month} {day}", month=_name(found[1], say), day=found[2])
    if found := _DAYS.fullmatch(text):
        days = _listed([_number(one.removeprefix("the ")) for one in _JOINT.split(found["list"])], say)
        if found["of"] in ("month", "every month"):
            return _put(say, "day {list} of the month", list=days)
        return _put(say, "day {list} of {months}", list=days, months=_items(found["of"], say))
    return _listed([_of_week(one, say) for one in _JOINT.split(text)], say)


def _of_week(text: str, say: Say) -> str:
    found = _OF_WEEK.fullmatch(text)
    if found is None:
        return _put(say, text) if text.startswith("the last day") else _item(text, say)
    if found["nth"] == "last":
        return _put(say, "the last {days} of the month", days=_name(found["day"], say))
    return _put(say, "weekday {n} of the month: {weekday}", n=_number(found["nth"]), weekday=_name(found["day"], say))
