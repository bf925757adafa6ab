"""The pace at which an act on many jobs goes on: `50/s`, `600/m`, `20/h`. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from horizon.backends.driven import FASTEST, SLOWEST, pace
from horizon.core.errors import InvalidOption

SECONDS = {"s": 1, "m": 60, "h": 3_600}
NOUNS = {"s": "second", "m": "minute", "h": "hour"}
_TEXT = re.compile(r"\s*(\d{1,9}(?:\.\d{1,6})?)\s*(?:(?:/|\s+per\s+|\s+a\s+)\s*(s|m|h|sec|second|min|minute|hour))?\s*", re.IGNORECASE)


def read(given: object) -> float | None:
    """Jobs a second, of a number or a text such as `50/s`; None for nothing. Raises InvalidOption."""
    if given is None or given == "":
        return None
    rate = _of_text(given) if isinstance(given, str) else float(given) if isinstance(given, (int, float)) else None
    if rate is None or isinstance(given, bool) or not SLOWEST <= rate <= FASTEST:
        raise InvalidOption(f"a pace is so many jobs in a time, from 1/h to {FASTEST:,}/s: 50/s, 600/m or 20/h; got {str(given)[:40]!r}")
    return rate


def _of_text(text: str) -> float | None:
    found = _TEXT.fullmatch(text)
    return None if found is None else float(found[1]) / SECONDS[(found[2] or "s")[0].lower()]


def told(rate: float) -> str:
    """In words, in the unit in which it is a number that one can imagine: `50 a second`."""
    unit = next((unit for unit, seconds in SECONDS.items() if rate * seconds >= 1), "h")
    count = round(rate * SECONDS[unit], 2)
    return f"{count:,g} {'an' if unit == 'h' else 'a'} {NOUNS[unit]}"


def of(params: Mapping[str, object]) -> float | None:
    """That of a stored operation, in jobs a second."""
    return pace(params)
