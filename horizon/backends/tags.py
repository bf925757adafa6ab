"""Tags: which there are, and how many jobs carry one. Read from the index that searches by tag walk; nothing is scanned."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from horizon.core.clock import HOUR, Micros
from horizon.core.errors import InvalidFilter
from horizon.core.states import BY_CODE, JobState

MOST_WORDS = 50
"""Tags named at once."""
MOST_COUNTED = 50
"""Tags counted at once."""
DEEP = 5_000
"""Jobs of one tag that are looked at, the newest: a count beyond it is told as more than that."""
HOURS = 24


@dataclass(frozen=True, kw_only=True, slots=True)
class TagCount:
    """How many jobs carry a tag, as far as was looked."""

    tag: str
    states: Mapping[JobState, int]
    """Those in sight, by state."""
    hours: tuple[int, ...]
    """Of these, pushed in each of the 24 hours before `until`, the oldest hour first; what is younger counts in the last."""
    whole: bool
    """False: more than `DEEP` carry it, and older ones were not looked at."""

    @property
    def total(self) -> int:
        """All of them, whatever their state."""
        return sum(self.states.values())


@dataclass(frozen=True, kw_only=True, slots=True)
class Watched:
    """One that somebody watches."""

    tag: str
    by: str
    """Who said so."""
    at: Micros


class Tags(ABC):
    """What the index of tags knows."""

    @abstractmethod
    def words(self, prefix: str = "", limit: int = 20) -> Sequence[str]:
        """Tags that begin so, in the order of their bytes, at most `MOST_WORDS`; one that only forgotten jobs carry may be among them."""

    @abstractmethod
    def counts(self, tags: Sequence[str], until: Micros) -> Sequence[TagCount]:
        """Of each of these tags, in the order asked. Raises InvalidFilter for more than `MOST_COUNTED`."""


def check(tags: Sequence[str]) -> None:
    """Raises InvalidFilter."""
    if len(tags) > MOST_COUNTED:
        raise InvalidFilter(f"at most {MOST_COUNTED} tags are counted at once, got {len(tags)}")


def hour_of(pushed_at: Micros, until: Micros) -> int:
    """Which of the hours a push falls into; -1: it is older than all of them."""
    return max(-1, min(HOURS - 1, (pushed_at - until + HOURS * HOUR) // HOUR))


def told(tag: str, groups: Iterable[tuple[int, int, int]], *, whole: bool) -> TagCount:
    """Put (code of a state, hour or -1, how many) together; what is out of sight has another code than the plain ones."""
    states: dict[JobState, int] = {}
    hours = [0] * HOURS
    for code, hour, times in groups:
        if code in BY_CODE:
            states[BY_CODE[code]] = states.get(BY_CODE[code], 0) + times
            if 0 <= hour < HOURS:
                hours[hour] += times
    return TagCount(tag=tag, states=states, hours=tuple(hours), whole=whole)
