"""The only place that reads time.

Stores keep times as integer microseconds since 1970 UTC; people get aware UTC datetimes; durations are seconds (float)
at the surface and integer microseconds inside a store.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

Micros = int
SECOND: Micros = 1_000_000
MINUTE: Micros = 60 * SECOND
HOUR: Micros = 60 * MINUTE
DAY: Micros = 24 * HOUR

ClockFn = Callable[[], Micros]


_pretended: ClockFn | None = None


def now() -> Micros:
    """The wall clock in microseconds since 1970 UTC, or whatever a test pretends that it is."""
    return time.time_ns() // 1000 if _pretended is None else _pretended()


def asked() -> ClockFn:
    """The clock that `now` asks at this moment."""
    return _wall if _pretended is None else _pretended


def _wall() -> Micros:
    return time.time_ns() // 1000


@contextmanager
def pretend(clock: ClockFn) -> Iterator[None]:
    """Within the block, every thread of this process is told this clock's time by `now`. For tests: durations stay real."""
    global _pretended
    before, _pretended = _pretended, clock
    try:
        yield
    finally:
        _pretended = before


def monotonic() -> float:
    """Seconds that never go back; for measuring durations inside one process."""
    return time.monotonic()


def cpu() -> float:
    """Seconds of processor time that the calling thread has used so far."""
    return time.thread_time()


def perf_ns() -> int:
    """The finest monotonic clock, in nanoseconds; for the runtime of one attempt."""
    return time.perf_counter_ns()


def boottime_ns() -> int:
    """Nanoseconds since boot, suspended time included where the system can say so; comparable between processes."""
    return time.clock_gettime_ns(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def sleep(seconds: float) -> None:
    """Sleep; here, so that whoever waits is found by looking for this name."""
    time.sleep(seconds)


def to_datetime(at: Micros | None) -> datetime | None:
    """An aware UTC datetime from a store's time; None stays None."""
    return None if at is None else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)


def from_datetime(at: datetime) -> Micros:
    """A store's time from an aware datetime. Raises ValueError for a naive one: its zone would be a guess."""
    if at.tzinfo is None:
        raise ValueError(f"expected a datetime with a time zone, got the naive {at!r}; use datetime.now(UTC) or .replace(tzinfo=...)")
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def iso(at: Micros | None) -> str | None:
    """ISO 8601 in UTC with a trailing Z, as the HTTP API shows times."""
    moment = to_datetime(at)
    return None if moment is None else moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class ManualClock:
    """A clock that stands until moved; tests hand it to a backend as its `clock`."""

    def __init__(self, start: Micros = 1_700_000_000 * SECOND) -> None:
        self.at = start

    def __call__(self) -> Micros:
        return self.at

    def advance(self, seconds: float) -> Micros:
        """Move forward (or, with a negative number, back) and return the new time."""
        self.at += round(seconds * SECOND)
        return self.at
