"""How often something may happen, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from horizon.core.clock import SECOND, Micros
from horizon.core.errors import InvalidOption

STRATEGIES = ("sliding", "fixed")
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

    `strategy`: `sliding` (within any stretch of that length, wherever it begins) or `fixed` (within each full one, counted from
    1970: a minute is that of the clock). Raises InvalidOption.
    """

    max_attempts: int
    per_seconds: float | timedelta
    key: str | None = None
    strategy: str = "sliding"

    def __post_init__(self) -> None:
        if isinstance(self.max_attempts, bool) or not isinstance(self.max_attempts, int) or not 1 <= self.max_attempts <= MOST:
            raise InvalidOption(f"max_attempts of a limit is a whole number from 1 to {MOST:,}; got {self.max_attempts!r}")
        if isinstance(self.per_seconds, bool) or not isinstance(self.per_seconds, (int, float, timedelta)) or not 0 < self.per <= LONGEST:
            raise InvalidOption(
                f"per_seconds of a limit is more than 0 and at most {LONGEST // SECOND:,} seconds; got {self.per_seconds!r}"
            )
        if self.key is not None and (not isinstance(self.key, str) or not 1 <= len(self.key) <= MAX_KEY):
            raise InvalidOption(f"the key of a limit is a text of 1 to {MAX_KEY} characters; got {self.key!r}")
        if self.strategy not in STRATEGIES:
            raise InvalidOption(f"the strategy of a limit is one of {', '.join(STRATEGIES)}; got {self.strategy!r}")

    @property
    def per(self) -> Micros:
        """The stretch of time."""
        given = self.per_seconds
        if isinstance(given, timedelta):
            return given // timedelta(microseconds=1)
        return round(max(-1.0, min(given, LONGEST / SECOND + 1)) * SECOND)  # an infinite one is refused as any that is too long

    def meter(self, name: str) -> str:
        """The name of the meter in which it is counted, for whoever `name` stands for."""
        return f"limit {name} {self.max_attempts}/{self.per} {self.key or ''}"

    def __str__(self) -> str:
        times = "once" if self.max_attempts == 1 else f"{self.max_attempts:,} times"
        return f"{times} in {self.per / SECOND:g} s" + (f" for {self.key}" if self.key else "")
