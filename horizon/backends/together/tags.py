"""The tags of all stores as if they were of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from horizon.backends.tags import HOURS, MOST_WORDS, TagCount
from horizon.backends.together.members import Members
from horizon.core.clock import Micros
from horizon.core.states import JobState


class Tags:
    """What carries a tag, wherever it is."""

    def __init__(self, members: Members) -> None:
        self._members = members

    def words(self, prefix: str = "", limit: int = 20) -> Sequence[str]:
        """See `Tags.words`."""
        found = {tag for words in self._members.all(lambda store: store.tags.words(prefix, limit)).values() for tag in words}
        return sorted(found, key=str.encode)[: min(limit, MOST_WORDS)]

    def counts(self, tags: Sequence[str], until: Micros) -> Sequence[TagCount]:
        """See `Tags.counts`."""
        answers = self._members.all(lambda store: store.tags.counts(tags, until)).values()
        return [_sum(parts) for parts in zip(*answers, strict=True)]


def _sum(parts: Sequence[TagCount]) -> TagCount:
    states: Counter[JobState] = Counter()
    for part in parts:
        states.update(part.states)
    hours = tuple(sum(part.hours[at] for part in parts) for at in range(HOURS))
    return TagCount(tag=parts[0].tag, states=dict(states), hours=hours, whole=all(part.whole for part in parts))
