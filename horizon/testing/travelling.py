"""Other times for a test: `travel` goes there and lets the clock run on, `freeze` stops it.

What follows is all that asks `core.clock` for the time: this process, and stores whose clock is that of the process (memory and
SQLite). A server has a clock of its own, which nobody here can turn. Durations (timeouts, runtimes) stay real.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from horizon.core import clock
from horizon.core.clock import SECOND, ClockFn, ManualClock, Micros


class Moved:
    """A clock that is ahead of another, or behind it."""

    def __init__(self, base: ClockFn, ahead: Micros) -> None:
        self._base, self._ahead = base, ahead

    def __call__(self) -> Micros:
        return self._base() + self._ahead

    def advance(self, seconds: float) -> Micros:
        """Go on by so much more (or, with a negative number, back) and return the new time."""
        self._ahead += round(seconds * SECOND)
        return self()


@contextmanager
def travel(to: float | timedelta | datetime) -> Iterator[Moved]:
    """Within the block it is so many seconds later, or this moment (an aware datetime); the clock runs on from there.

    `with travel(3600) as time: ... time.advance(60)`.
    """
    base = clock.asked()
    moved = Moved(base, _ahead(to, base()))
    with clock.pretend(moved):
        yield moved


@contextmanager
def freeze(at: float | timedelta | datetime = 0) -> Iterator[ManualClock]:
    """Within the block it is this moment (as in `travel`; left out: now), and stays so unless `advance` is called."""
    before = clock.asked()()
    stopped = ManualClock(before + _ahead(at, before))
    with clock.pretend(stopped):
        yield stopped


def _ahead(to: float | timedelta | datetime, now: Micros) -> Micros:
    if isinstance(to, datetime):
        return clock.from_datetime(to) - now
    return to // timedelta(microseconds=1) if isinstance(to, timedelta) else round(to * SECOND)
