"""Options of jobs: which there are, where each may be set, and what a proper value is.

A checker returns the value in the form the rest of the code wants, or raises InvalidOption that says what was expected.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

from horizon.core.clock import DAY, SECOND, Micros
from horizon.core.errors import ComesLater, InvalidOption
from horizon.core.states import MAX_PRIORITY, MIN_PRIORITY, Priority

MAX_TAGS = 50
MAX_TAG = 200
MAX_NAME = 200
MAX_TRIES = 10_000
LONGEST: Micros = 3660 * DAY
_QUEUE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


def queue(value: object) -> str:
    """A queue's name."""
    if not isinstance(value, str) or not _QUEUE.fullmatch(value):
        raise InvalidOption(f"a queue's name has 1 to 64 letters, digits or any of _ . : - and nothing else; got {value!r}")
    return value


def dead_after(value: object) -> int:
    """Rounds after which a failed job is set aside."""
    return whole(value, "dead_after", 1, 1_000)


def start_within(value: object) -> Micros:
    """Within which jobs of a queue shall start."""
    return seconds(value, "start_within", least=1_000, most=30 * DAY)


def start_share(value: object) -> float:
    """How many of them shall."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0.01 <= value <= 0.9999:
        raise InvalidOption(f"start_share is a share from 0.01 to 0.9999, such as 0.95 for 95 of 100 jobs; got {_short(value)}")
    return float(value)


def seconds(value: object, what: str, *, least: Micros = 0, most: Micros = LONGEST) -> Micros:
    """A duration, given as seconds or a timedelta, in microseconds."""
    if isinstance(value, timedelta):
        micros = value // timedelta(microseconds=1)
    elif isinstance(value, bool) or not isinstance(value, (int, float)) or (isinstance(value, float) and not math.isfinite(value)):
        raise InvalidOption(f"{what} takes seconds (a number) or a timedelta; got {value!r}")
    else:
        # held within bounds first: the product of what is still larger is no number any more
        micros = round(max(-LONGEST, min(value, LONGEST)) * SECOND)
    if not least <= micros <= most:
        raise InvalidOption(f"{what} is from {least / SECOND:g} to {most / SECOND:g} seconds; got {_short(value)}")
    return micros


def delay(value: object) -> Micros:
    """Time before the first start."""
    return seconds(value, "delay")


def timeout(value: object) -> Micros:
    """How long one attempt may run."""
    return seconds(value, "timeout", least=10_000, most=30 * DAY)


def whole(value: object, what: str, least: int, most: int) -> int:
    """A whole number in a range."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise InvalidOption(f"{what} is a whole number from {least} to {most}; got {value!r}")
    return int(value)


def max_tries(value: object) -> int:
    """How often a job may run before it fails for good."""
    return whole(value, "max_tries", 1, MAX_TRIES)


def priority(value: object) -> int:
    """Higher runs first."""
    if isinstance(value, str) and value.upper() in Priority.__members__:
        raise InvalidOption(
            f"priority is a whole number from {MIN_PRIORITY} to {MAX_PRIORITY}; for {value!r} write Priority.{value.upper()}"
        )
    return whole(value, "priority", MIN_PRIORITY, MAX_PRIORITY)


def backoff(value: object) -> object:
    """Seconds between tries: a number, a list of them, `Exponential`, or a callable of (attempt, exception)."""
    from horizon.core import backoff as backoffs

    return value if callable(value) else backoffs.check(value)


def tags(value: object) -> tuple[str, ...]:
    """A list of tags, each once, in the order given."""
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise InvalidOption(f"tags are a list of texts, such as ['mail', 'customer:7']; got {value!r}")
    made = tuple(dict.fromkeys(value))
    for tag in made:
        if not isinstance(tag, str) or not 1 <= len(tag) <= MAX_TAG:
            raise InvalidOption(f"a tag is a text of 1 to {MAX_TAG} characters; got {_short(tag)}")
        encodable(tag, "a tag")
    if len(made) > MAX_TAGS:
        raise InvalidOption(f"a job has at most {MAX_TAGS} tags; got {len(made)}")
    return made


def yes_or_no(value: object, what: str) -> bool:
    """A switch."""
    if not isinstance(value, bool):
        raise InvalidOption(f"{what} is True or False; got {_short(value)}")
    return value


def label(value: object, what: str) -> str:
    """A user's or tenant's id, or a unique key: text of at most 200 characters; whole numbers and UUIDs are written out."""
    text = value if isinstance(value, str) else "" if value is None or isinstance(value, bool) else str(value)
    if not 1 <= len(text) <= MAX_NAME:
        raise InvalidOption(f"{what} is a text of 1 to {MAX_NAME} characters; got {_short(value)}")
    return encodable(text, what)


def encodable(text: str, what: str) -> str:
    """The text, if UTF-8 and every store can hold it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidOption(f"{what} holds a lone surrogate, which is not valid text: {text!a}") from None
    if "\x00" in text:
        raise InvalidOption(f"{what} holds a NUL character, which not every store can keep: {text!r}")
    return text


def middleware(value: object) -> tuple[Any, ...]:
    """A `MiddlewareStack`, or a list of what it takes: things with a `handle(job, next)`, or callables of the two."""
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise InvalidOption(f"middleware is a MiddlewareStack or a list; got {value!r}")
    made = tuple(value)
    for one in made:
        if isinstance(one, type) or not (callable(one) or callable(getattr(one, "handle", None))):
            raise InvalidOption(f"a middleware is an object with handle(job, next), or a callable of the two; got {one!r}")
    return made


def exceptions(value: object) -> tuple[type[BaseException], ...]:
    """One exception class, or several."""
    made = tuple(value) if isinstance(value, (list, tuple, set, frozenset)) else (value,)
    if not all(isinstance(one, type) and issubclass(one, BaseException) for one in made):
        raise InvalidOption(f"retry_on and dont_retry_on take exception classes; got {value!r}")
    return made


def name(value: object) -> str:
    """The name under which a class is stored."""
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_NAME or value != value.strip() or not value.isprintable():
        raise InvalidOption(f"a job's name is a printable text of 1 to {MAX_NAME} characters; got {_short(value)}")
    return encodable(value, "a job's name")


def aliases(value: object) -> tuple[str, ...]:
    """Names under which a class was stored before."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise InvalidOption(f"aliases are a list of former names, such as ['old.path:Name']; got {value!r}")
    return tuple(name(one) for one in value)


def redact(value: object) -> tuple[str, ...]:
    """Names of arguments and keys whose values are masked wherever they are shown."""
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise InvalidOption(f"redact is a list of names whose values are masked, such as ['account']; got {_short(value)}")
    made = tuple(value)
    if not all(isinstance(one, str) and one for one in made):
        raise InvalidOption(f"redact is a list of names whose values are masked, each a text; got {_short(value)}")
    return made


def max_concurrent(value: object) -> int:
    """How many run at a time."""
    return whole(value, "max_concurrent", 1, 1_000_000)


def _anything(value: object) -> object:
    return value


def _later(what: str) -> Callable[[object], object]:
    def refuse(value: object) -> object:
        raise ComesLater(f"the option {what} comes with limits, in a later release; leave it out for now")

    return refuse


ON_INSTANCE: dict[str, Callable[[object], object]] = {
    "queue": queue, "delay": delay, "max_tries": max_tries, "timeout": timeout, "backoff": backoff, "tags": tags,
    "middleware": middleware,
}  # fmt: skip
"""Options that may be set on the class and on the instance."""

ON_CLASS: dict[str, Callable[[object], object]] = {
    "name": name,
    "aliases": aliases,
    "retry_on": exceptions,
    "dont_retry_on": exceptions,
    "retry_until": _anything,
    "max_crashes": lambda value: whole(value, "max_crashes", 1, 1000),
    "max_concurrent": max_concurrent,
    "weight": lambda value: whole(value, "weight", 1, 1000),
    "profile": _later("profile"),
    "redact": redact,
}
"""Options of the class alone."""
ALL = {**ON_INSTANCE, **ON_CLASS}


def check_all(given: Mapping[str, object], known: Mapping[str, Callable[[object], object]], where: str) -> None:
    """Raise InvalidOption for the first name that is not known (with the nearest that is) or value that is not proper."""
    for key, value in given.items():
        if key not in known:
            raise InvalidOption(f"{where} has no option {key!r}{nearest(key, known)}; there are: {', '.join(sorted(known))}")
        if value is not None:
            known[key](value)


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean X?`, or nothing."""
    import difflib  # here and not above, as with the backoff: a module that only defines jobs stays light

    near = difflib.get_close_matches(word, list(known), 1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:60]}… ({len(text)} characters)"
