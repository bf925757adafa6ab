"""Watched tags: how many jobs carry each, as the page Monitoring tells it, and which tags could be watched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from threading import Lock

from horizon.backends.tags import TagCount, Watched
from horizon.core.clock import Micros, monotonic
from horizon.core.record import Record
from horizon.jobs.groups.callbacks import TAG

KEPT = 5.0
"""Seconds that counts are good for: each looks at thousands of jobs, and they are shared by all who look."""
SEVERAL = 2
"""Jobs with a tag from which on it is worth watching."""
SUGGESTED = 12
"""Frequent tags that are offered."""
Count = Callable[[Sequence[str], Micros], Sequence[TagCount]]


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchedTag:
    """One that is watched, counted."""

    watched: Watched
    count: TagCount


class Tallies:
    """Counts of tags, kept for a moment. One to an app; thread-safe: who asks while one counts waits for that."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._asked: tuple[object, ...] = ()
        self._at = float("-inf")
        self._counts: Sequence[TagCount] = ()

    def of(self, where: str, tags: Sequence[str], count: Count, now: Micros) -> Sequence[TagCount]:
        """Of each of these tags, in the order asked. `where`: whose jobs are counted."""
        if not tags:
            return ()
        asked = (where, tuple(tags))
        with self._lock:
            if asked != self._asked or monotonic() - self._at >= KEPT:
                self._counts, self._asked, self._at = count(tuple(tags), now), asked, monotonic()
            return self._counts


def watched_tags(watched: Sequence[Watched], counts: Sequence[TagCount]) -> list[WatchedTag]:
    """Each with its count."""
    return [WatchedTag(watched=one, count=count) for one, count in zip(watched, counts, strict=True)]


def suggestions(latest: Iterable[Record], watched: Iterable[str]) -> list[tuple[str, int]]:
    """Tags that many of the latest jobs carry and nobody watches, each with how many do; those of our own callbacks left out."""
    known = set(watched)
    often = Counter(tag for job in latest for tag in set(job.tags) if tag not in known and tag.partition(":")[0] != TAG)
    return [(tag, times) for tag, times in sorted(often.items(), key=lambda pair: (-pair[1], pair[0])) if times >= SEVERAL][:SUGGESTED]
