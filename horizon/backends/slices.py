"""How a limit holds over every stretch of time of one length, not only from one full minute to the next. Pure.

Time is cut into slices, a tenth of the stretch each, and what is taken counts until the whole of its slice is that long
ago: up to a tenth longer than it must, never shorter. A key has eleven slices at the most, which are used in turn.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from horizon.core.clock import Micros

SLICES = 10
"""Into how many a stretch is cut: the more, the sooner something is there again, and the more is kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Slice:
    """The slice of this moment."""

    name: str
    """By which it is kept."""
    until: Micros
    """When what was taken in it counts no longer."""
    ends: Micros
    """When the next one begins."""


def names(key: str) -> list[str]:
    """The names of all slices of a key."""
    return [f"{key} {place}" for place in range(SLICES + 1)]


def slice_of(key: str, per: Micros, now: Micros) -> Slice:
    """The one in which `now` is."""
    length = width(per)
    number = now // length
    return Slice(name=f"{key} {number % (SLICES + 1)}", until=(number + SLICES + 1) * length, ends=(number + 1) * length)


def counting(kept: Iterable[tuple[int, Micros]], per: Micros, now: Micros) -> tuple[int, Micros]:
    """Of slices as (taken, until): how many count, and for how long until the first of them do not (0: none does).

    What a clock left that was ahead of this one does not count, for it would do so for too long.
    """
    last = now + width(per) * (SLICES + 1)
    live = [(taken, until) for taken, until in kept if taken > 0 and now < until <= last]
    return sum(taken for taken, _ in live), min((until for _, until in live), default=now) - now


def width(per: Micros) -> Micros:
    """How long a slice of such a stretch is."""
    return max(1, -(-per // SLICES))
