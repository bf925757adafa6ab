"""How often something may happen, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from horizon.core.clock import DAY, HOUR, MINUTE, SECOND, Micros
from horizon.core.errors import InvalidOption

STRATEGIES = ("sliding", "fixed", "bucket")
CONCURRENT = "concurrent"
LONGEST: Micros = 366 * 86_400 * SECOND
MOST = 1_000_000_000
MAX_KEY = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """One limit as a store keeps it: jobs that carry its key start only where it has room."""

    key: str
    """Which limit it is, over all jobs, classes and queues of a store. What the newest word says of it holds for all of them."""
    most: int
    per: Micros = 0
    """The stretch of time; 0 where it is about how many run at a time."""
    strategy: str = "sliding"
    """`sliding`, `fixed`, `bucket` or `concurrent`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LimitRecord:
    """A limit as pages show it."""

    key: str
    most: int
    per: Micros
    strategy: str
    used: int
    """Starts that count now."""
    running: int
    """Jobs that hold it now."""
    waiting: int
    """Jobs that are parked for it."""
    opens_at: Micros | None = None
    """When it has room again; None: it has, or when a job ends."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `max_attempts` runs in `per_seconds`, of all jobs of a class, or of those with the same `key`.

    `strategy`: `sliding` (within any stretch of that length, wherever it begins), `fixed` (within each full one, counted from
    1970: a minute is that of the clock) or `bucket` (so many at once, and as many more as come back evenly over that time).
    `shared`: jobs of other classes that name the same key count, too. Raises InvalidOption.
    """

    max_attempts: int
    per_seconds: float | timedelta
    key: str | None = None
    strategy: str = "sliding"
    shared: bool = False

    def __post_init__(self) -> None:
        check_number(self.max_attempts, "max_attempts of a limit")
        check_stretch(self.per_seconds, "per_seconds of a limit")
        _check_keyed(self.key, self.shared)
        if self.strategy not in STRATEGIES:
            raise InvalidOption(f"the strategy of a limit is one of {', '.join(STRATEGIES)}; got {self.strategy!r}")

    @property
    def per(self) -> Micros:
        """The stretch of time."""
        return _micros(self.per_seconds)

    def meter(self, name: str) -> str:
        """The name of the meter in which it is counted, for whoever `name` stands for."""
        return f"limit {name} {self.max_attempts}/{self.per} {self.key or ''}"

    def __str__(self) -> str:
        return told(self.max_attempts, self.per) + (f" for {self.key}" if self.key else "")


@dataclass(frozen=True, slots=True)
class ConcurrencyLimit:
    """At most `max` jobs of a class run at a time, or of those with the same `key`, over all workers.

    `shared`: jobs of other classes that name the same key count, too. Raises InvalidOption.
    """

    max: int
    key: str | None = None
    shared: bool = False

    def __post_init__(self) -> None:
        check_number(self.max, "max of a limit")
        _check_keyed(self.key, self.shared)

    def __str__(self) -> str:
        return told(self.max, 0) + (f" for {self.key}" if self.key else "")


def told(most: int, per: Micros) -> str:
    """What a limit allows, in words."""
    if not per:
        return f"{most:,} at a time"
    return f"{'once' if most == 1 else f'{most:,} times'} in {span(per)}"


def span(per: Micros) -> str:
    """In the largest unit of which it is so many whole ones; a single minute is 60 s."""
    for unit, letter in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if per % unit == 0 and per > MINUTE:
            return f"{per // unit:,} {letter}"
    return f"{per / SECOND:g} s"


def _micros(given: float | timedelta) -> Micros:
    if isinstance(given, timedelta):
        return given // timedelta(microseconds=1)
    return round(max(-1.0, min(given, LONGEST / SECOND + 1)) * SECOND)  # an infinite one is refused as any that is too long


def check_number(value: object, what: str) -> None:
    """How many of something; `what` is the option as its user wrote it. Raises InvalidOption."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST:
        raise InvalidOption(f"{what} is a whole number from 1 to {MOST:,}; got {value!r}")


def check_stretch(value: object, what: str) -> None:
    """A stretch of time, in seconds or as a timedelta. Raises InvalidOption."""
    if isinstance(value, bool) or not isinstance(value, (int, float, timedelta)) or not 0 < _micros(value) <= LONGEST:
        raise InvalidOption(f"{what} is more than 0 and at most {LONGEST // SECOND:,} seconds; got {value!r}")


def check_key(key: object, what: str) -> None:
    """What something is known by in every process. Raises InvalidOption."""
    if not isinstance(key, str) or not 1 <= len(key) <= MAX_KEY or not key.isprintable():
        shown = repr(key) if len(repr(key)) <= 80 else f"{repr(key)[:60]}… ({len(repr(key)):,} characters)"
        raise InvalidOption(f"{what} is a printable text of 1 to {MAX_KEY} characters; got {shown}")


def _check_keyed(key: object, shared: object) -> None:
    if key is not None:
        check_key(key, "the key of a limit")
    if not isinstance(shared, bool):
        raise InvalidOption(f"shared of a limit is True or False; got {shared!r}")
    if shared and key is None:
        raise InvalidOption("a limit that classes share has a key by which they know it: shared=True goes with key=")
