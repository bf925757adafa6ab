"""What a limit allows at this moment, and what a start does to it. Pure; the scripts of Redis say the same in Lua.

A gauge is what a store keeps of a limit: its newest words, the starts that count, and how many jobs hold it now. By strategy:

- `sliding`: a mark is a slice (see `slices`): when it began, and how many started in it. A slice counts until the whole of it
  is `per` ago, so within any stretch of `per` no more than `most` start. Marks are kept by when they began, not by a number
  that would mean another time with another `per`.
- `fixed`: one mark: when the window of the clock began, and how many started in it.
- `bucket`: one mark: the theoretical arrival time of the Generic Cell Rate Algorithm (ITU-T Recommendation I.371, annex A, in
  its form of virtual scheduling), a tolerance of `most` starts at once. A drop comes back
  every `per / most`, in whole microseconds, rounded up: never faster than was said.
- `concurrent`: no mark; it is `running` that counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from horizon.backends.slices import SLICES, width
from horizon.core.clock import Micros
from horizon.core.limit import Limit

MOST_MARKS = 2 * (SLICES + 1)
"""So many a gauge keeps at the most, whatever was said of its `per` meanwhile: twice what one `per` needs."""


class Mark(NamedTuple):
    """Starts that are remembered together."""

    at: Micros
    taken: int
    """0 in a bucket, where the time says all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Gauge:
    """A limit, and what was taken of it."""

    limit: Limit
    marks: tuple[Mark, ...] = ()
    """The oldest first."""
    running: int = 0
    """Jobs that hold it now, whatever its strategy is."""


# reading --------------------------------------------------------------------------------------------


def used(gauge: Gauge, now: Micros) -> int:
    """How many starts count now; in a bucket, how many drops are missing."""
    limit = gauge.limit
    if limit.strategy == "concurrent":
        return gauge.running
    if limit.strategy == "bucket":
        return -(-(_arrival(gauge, now) - now) // _drop(limit))
    return sum(mark.taken for mark in _live(gauge, now))


def room(gauge: Gauge, now: Micros) -> int:
    """How many more may start now."""
    return max(0, gauge.limit.most - used(gauge, now))


def next_at(gauge: Gauge, now: Micros) -> Micros | None:
    """When there is room for one; `now` where there is, None where a job has to end first."""
    limit = gauge.limit
    if room(gauge, now):
        return now
    if limit.strategy == "concurrent":
        return None
    if limit.strategy == "bucket":
        return _arrival(gauge, now) - _drop(limit) * (limit.most - 1)
    left = used(gauge, now)
    for mark in _live(gauge, now):
        left -= mark.taken
        if left < limit.most:
            return _until(limit, mark)
    raise AssertionError("a limit of at least 1 has room when nothing counts")


def barred_by(gauges: Iterable[Gauge], now: Micros) -> Gauge | None:
    """The one that has no room, of several the one that has it last; None where all have room.

    One that waits for a job to end comes after those whose time is known: before those times nobody need look.
    """
    barring = [(at or -1, gauge) for gauge in gauges if (at := next_at(gauge, now)) != now]
    return max(barring, key=lambda one: (one[0], one[1].limit.key), default=(0, None))[1]


def as_new(gauge: Gauge, now: Micros) -> bool:
    """Whether nothing would be lost with it."""
    return not gauge.running and not used(gauge, now)


# changing -------------------------------------------------------------------------------------------


def take(gauge: Gauge, now: Micros, count: int = 1) -> Gauge:
    """So many start; whether there is room was asked before."""
    return replace(gauge, marks=_taken(gauge, now, count), running=gauge.running + count)


def end(gauge: Gauge, count: int = 1) -> Gauge:
    """So many run no longer."""
    return replace(gauge, running=max(0, gauge.running - count))


def give_back(gauge: Gauge, taken_at: Micros, now: Micros, count: int = 1) -> Gauge:
    """So many that were taken then never began: they count no longer. That they run no longer is for `end` to say.

    What drops of a bucket came back by themselves since then is not given back twice.
    """
    limit = gauge.limit
    if limit.strategy == "bucket":
        back = max(0, min(_drop(limit), taken_at + _drop(limit) - now)) * count
        return replace(gauge, marks=_bucket(limit, _arrival(gauge, now) - back, now))
    live = _live(gauge, now)
    last = max((mark for mark in live if mark.at <= taken_at < _until(limit, mark)), default=None)
    marks = (mark if mark is not last else Mark(mark.at, mark.taken - count) for mark in live)
    return replace(gauge, marks=tuple(mark for mark in marks if mark.taken > 0))


def redefined(gauge: Gauge, limit: Limit, now: Micros) -> Gauge:
    """By the newest words; what has started counts on as if they had always held, as far as it is known."""
    before = gauge.limit
    if before == limit:
        return gauge
    if before.strategy == limit.strategy == "sliding":
        shift = width(before.per) - width(limit.per)  # a slice ends when it ended: nothing counts too short
        return replace(gauge, limit=limit, marks=_fewer(Mark(min(now, mark.at + shift), mark.taken) for mark in _live(gauge, now)))
    if before.strategy == limit.strategy == "bucket":
        owed = -(-(_arrival(gauge, now) - now) * _drop(limit) // _drop(before))  # as many drops are missing, and as much of the next one
        return replace(gauge, limit=limit, marks=_bucket(limit, now + owed, now))
    counted = 0 if "concurrent" in (before.strategy, limit.strategy) else used(gauge, now)
    fresh = Gauge(limit=limit, running=gauge.running)
    return replace(fresh, marks=_taken(fresh, now, counted)) if counted else fresh


# as text --------------------------------------------------------------------------------------------


def encode(marks: Iterable[Mark]) -> str:
    """Marks as short text: `at:taken`, with spaces between; empty where there are none."""
    return " ".join(f"{mark.at}:{mark.taken}" for mark in marks)


def decode(text: str) -> tuple[Mark, ...]:
    """Marks from what `encode` made of them."""
    return tuple(Mark(int(at), int(taken)) for at, _, taken in (pair.partition(":") for pair in text.split()))


# how each strategy counts ---------------------------------------------------------------------------


def _live(gauge: Gauge, now: Micros) -> list[Mark]:
    """Slices, or the window, that count. One that begins in the future was left by a clock that ran ahead: it would count too long."""
    return [mark for mark in gauge.marks if mark.at <= now < _until(gauge.limit, mark)]


def _until(limit: Limit, mark: Mark) -> Micros:
    if limit.strategy == "fixed":
        return mark.at + limit.per
    return mark.at + width(limit.per) * (SLICES + 1)


def _taken(gauge: Gauge, now: Micros, count: int) -> tuple[Mark, ...]:
    limit = gauge.limit
    if limit.strategy == "concurrent":
        return ()
    if limit.strategy == "bucket":
        return _bucket(limit, _arrival(gauge, now) + _drop(limit) * count, now)
    length = limit.per if limit.strategy == "fixed" else width(limit.per)
    return _fewer([*_live(gauge, now), Mark(now - now % length, count)])


def _fewer(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    """In order, those of one time as one; of too many, the oldest count as long as the one after them."""
    kept: dict[Micros, int] = {}
    for mark in marks:
        kept[mark.at] = kept.get(mark.at, 0) + mark.taken
    ordered = sorted(Mark(at, taken) for at, taken in kept.items())
    while len(ordered) > MOST_MARKS:
        first, second, *rest = ordered
        ordered = [Mark(second.at, first.taken + second.taken), *rest]
    return tuple(ordered)


def _drop(limit: Limit) -> Micros:
    """How long a bucket takes to get one back."""
    return max(1, -(-limit.per // limit.most))


def _arrival(gauge: Gauge, now: Micros) -> Micros:
    """The theoretical arrival time of a bucket: `now` where it is full. One farther away than an empty bucket makes it was left
    by a clock that ran ahead."""
    at = gauge.marks[0].at if gauge.marks else now
    return at if now < at <= now + _drop(gauge.limit) * gauge.limit.most else now


def _bucket(limit: Limit, arrival: Micros, now: Micros) -> tuple[Mark, ...]:
    """One that is asked for more than it holds is empty, and owes nothing."""
    return (Mark(min(arrival, now + _drop(limit) * limit.most), 0),) if arrival > now else ()
