"""What may be said of a schedule beside when it comes: the options of its jobs, and how it behaves. Checked, as JSON holds it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from horizon.core import backoff as backoffs
from horizon.core.clock import SECOND, Micros
from horizon.core.errors import InvalidOption
from horizon.core.states import Priority
from horizon.jobs import options
from horizon.jobs.said import Said

MISFIRE = ("once", "all", "skip")
OVERLAP = ("allow", "skip", "queue")
CATCH_UP, MOST_CATCH_UP = 10, 100
"""How many times that nobody was there for are made up for: usually, and at the most."""
DAY_LONG: Micros = 86_400 * SECOND
_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,100}")
_UNFIT = re.compile(r"[^A-Za-z0-9_.:-]+")


def priority(value: object) -> int:
    """A number, or `low`, `normal`, `high`, `critical`."""
    if isinstance(value, str):
        named = {one.name.lower(): int(one) for one in Priority}
        if value.lower() not in named:
            raise InvalidOption(f"a priority is one of {', '.join(named)}, or a whole number; got {value!r}")
        return named[value.lower()]
    return int(options.priority(value))


def _seconds(check: Callable[[object], Micros]) -> Callable[[object], float]:
    return lambda value: check(value) / SECOND


def _backoff(value: object) -> object:
    if callable(value):
        raise InvalidOption("a schedule's backoff is a number or a list of seconds; a callable belongs on the job's class")
    if isinstance(value, backoffs.Exponential):
        raise InvalidOption("a schedule's backoff is a number or a list of seconds; Exponential(...) belongs on the job's class")
    checked = backoffs.check(value)
    return list(checked) if isinstance(checked, (list, tuple)) else checked


OPTIONS: Mapping[str, Callable[[object], object]] = {
    "queue": options.queue,
    "connection": lambda value: options.label(value, "a connection's name"),
    "priority": priority,
    "delay": _seconds(options.delay),
    "timeout": _seconds(options.timeout),
    "max_tries": options.max_tries,
    "backoff": _backoff,
    "tags": lambda value: list(options.tags(value)),
}
"""Options of the jobs that a schedule dispatches: each with what makes it a value that JSON holds."""


def checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """Options as they are kept. Raises InvalidOption."""
    for key in given:
        if key not in OPTIONS:
            raise InvalidOption(
                f"a schedule's jobs have no option {key!r}{options.nearest(key, OPTIONS)}; there are: {', '.join(sorted(OPTIONS))}"
            )
    return {key: OPTIONS[key](value) for key, value in sorted(given.items()) if value is not None}


def said(kept: Mapping[str, Any], tag: str, unique_key: str | None = None) -> Said:
    """Options as a dispatch understands them."""
    delay, timeout, backoff = kept.get("delay"), kept.get("timeout"), kept.get("backoff")
    return Said(
        queue=kept.get("queue"),
        connection=kept.get("connection"),
        priority=kept.get("priority"),
        delay=None if delay is None else options.delay(delay),
        timeout=None if timeout is None else options.timeout(timeout),
        max_tries=kept.get("max_tries"),
        backoff=None if backoff is None else backoffs.check(backoff),
        tags=options.tags((*kept.get("tags", ()), tag)),
        unique_key=unique_key,
    )


def name(value: object) -> str:
    """A schedule's name."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise InvalidOption(f"a schedule's name has 1 to 100 letters, digits or any of _ . : - and nothing else; got {str(value)[:80]!r}")
    return value


def name_from(target: str) -> str:
    """A name for the schedule of a job that gave it none."""
    return _UNFIT.sub("-", target).strip("-")[-100:] or "schedule"


def one_of(value: object, known: tuple[str, ...], what: str) -> str:
    """One of a few words."""
    if not isinstance(value, str) or value not in known:
        raise InvalidOption(f"{what} is one of {', '.join(known)}; got {value!r}{options.nearest(str(value), known)}")
    return value


def most(value: object) -> int:
    """How many times that nobody was there for are made up for."""
    return int(options.whole(value, "catch_up", 1, MOST_CATCH_UP))


def jitter(value: object) -> Micros:
    """How much later than planned a job may be dispatched."""
    if value is None or isinstance(value, (int, float, timedelta)):
        return options.seconds(value or 0, "jitter", most=DAY_LONG)
    raise InvalidOption(f"jitter takes seconds (a number) or a timedelta; got {value!r}")
