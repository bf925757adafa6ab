"""How carefully an act on many jobs goes on: its pace (`50/s`, `600/m`, `20/h`), a canary, when it stops by itself. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from horizon.backends import guarding
from horizon.backends.driven import FASTEST, PER_SECOND, SLOWEST, pace
from horizon.backends.guarding import Guard, guard_of
from horizon.core.errors import InvalidOption

SECONDS = {"s": 1, "m": 60, "h": 3_600}
NOUNS = {"s": "a second", "m": "a minute", "h": "an hour"}
_TEXT = re.compile(r"\s*(\d{1,9}(?:\.\d{1,6})?)\s*(?:(?:/|\s+per\s+|\s+a\s+)\s*(s|m|h|sec|second|min|minute|hour))?\s*", re.IGNORECASE)
_SHARE = re.compile(r"\s*(\d{1,2}(?:\.\d{1,3})?)\s*%?\s*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Care:
    """What an act on many was told to take care of. With any of it, it goes on in the background."""

    rate: float | None = None
    """Jobs a second; None: as fast as it goes."""
    canary: int | None = None
    """So many first; the others when few enough of these failed again."""
    stop_at: float | None = None
    """It stops when more than so many percent fail again."""

    @property
    def params(self) -> dict[str, object]:
        """As they are stored with the operation."""
        given = {PER_SECOND: self.rate, guarding.CANARY: self.canary, guarding.STOP_AT: self.stop_at}
        return {name: value for name, value in given.items() if value is not None}

    @property
    def told(self) -> str:
        """In words; empty: no care is taken."""
        return told_with(self.params)


def care(rate: object = None, canary: object = None, stop_when_failing: object = None) -> Care | None:
    """That of what somebody gave: `50/s`, `10`, `20%`; None for nothing at all. Raises InvalidOption."""
    made = Care(rate=read(rate), canary=_canary(canary), stop_at=share(stop_when_failing))
    guarding.check(made.params)
    return made if made.params else None


def _canary(given: object) -> int | None:
    if given is None or given == "":
        return None
    if isinstance(given, str) and given.strip().isdecimal():
        return int(given[:10])
    return given  # type: ignore[return-value]  # whatever else it is, `guarding.check` says what was expected


def share(given: object) -> float | None:
    """Percent, of a number or a text such as `20%`; None for nothing. Raises InvalidOption."""
    if given is None or given == "":
        return None
    found = _SHARE.fullmatch(given) if isinstance(given, str) else None
    if found is not None:
        return float(found[1])
    if isinstance(given, bool) or not isinstance(given, (int, float)):
        raise InvalidOption(f"the share of failures to stop at is a percentage from 0 to below 100, such as 20%; got {str(given)[:40]!r}")
    return float(given)


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
    return f"{count:,g} {NOUNS[unit]}"


def of(params: Mapping[str, object]) -> float | None:
    """That of a stored operation, in jobs a second."""
    return pace(params)


def told_with(params: Mapping[str, object]) -> str:
    """What care a stored operation takes, in words; empty: none."""
    rate, guard = pace(params), guard_of(params)
    parts = ("" if rate is None else f"at {told(rate)}", _told_guard(guard))
    return ", ".join(part for part in parts if part)


def _told_guard(guard: Guard) -> str:
    first = f"{guard.canary} first" if guard.canary else ""
    stops = f"stops when more than {guard.share:g} % fail again" if guard.on() else ""
    return ", ".join(part for part in (first, stops) if part)
