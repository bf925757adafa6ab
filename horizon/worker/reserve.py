"""Slots that are kept for urgent jobs: `horizon work --reserve critical=2,high=1`.

A slot so kept has a floor, the least priority of what may run in it. No slot is another one's better: what counts is how many run of
which priority. So each running job is taken to be in the highest slot that it may be in, and what is left is free.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from horizon.core.errors import InvalidOption
from horizon.core.states import MAX_PRIORITY, MIN_PRIORITY, Priority

LOOK = 0.2
"""Seconds between two looks for urgent work, as long as other jobs wait that must not have the slots that are free."""
EXPECTED = (
    "such as critical=2 or high=1,critical=2: a level (low, normal, high, critical, or a priority) and how many slots are kept for it"
)


class Room(NamedTuple):
    """What to ask the store for."""

    many: int
    floor: int | None = None
    """Jobs of at least this priority; None: any."""


def parse(text: str) -> tuple[int, ...]:
    """The floors of the slots that are kept, the highest first. Raises InvalidOption."""
    floors: list[int] = []
    for part in text.split(","):
        level, equals, count = part.partition("=")
        if not equals or not count.strip().isdecimal() or not 1 <= int(count) <= 1_000:
            raise InvalidOption(f"expected {EXPECTED}; got {part.strip()!r}")
        floors += [_level(level.strip())] * int(count)
    return tuple(sorted(floors, reverse=True))


def _level(text: str) -> int:
    named = Priority.__members__.get(text.upper())
    if named is not None:
        return int(named)
    try:
        level = int(text)
    except ValueError:
        level = MAX_PRIORITY + 1
    if not MIN_PRIORITY <= level <= MAX_PRIORITY:
        raise InvalidOption(f"expected {EXPECTED}; got the level {text!r}")
    return level


def check(floors: Sequence[int], slots: int) -> None:
    """Refuse to keep more than there is. Raises InvalidOption."""
    if len(floors) > slots:
        raise InvalidOption(
            f"--reserve keeps {len(floors)} slots and the worker has {slots}; raise --processes or --concurrency, or keep fewer"
        )


def dealt(floors: Sequence[int], place: int, processes: int) -> tuple[int, ...]:
    """The part of one executor among so many: they keep about as many slots each."""
    return tuple(floors[place % processes :: processes])


def room(floors: Sequence[int], size: int, running: Iterable[int]) -> Room:
    """What may start now, in an executor of so many slots in which jobs of these priorities run. Slots for everybody come first."""
    kept = sorted(floors, reverse=True)
    free = size - len(kept)
    for priority in sorted(running, reverse=True):
        fitting = next((index for index, floor in enumerate(kept) if floor <= priority), None)
        if fitting is None:
            free -= 1
        else:
            del kept[fitting]
    if free > 0:
        return Room(free)
    return Room(kept.count(kept[-1]), kept[-1]) if kept and free == 0 else Room(0)
