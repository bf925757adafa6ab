"""Which tags there are, and who carries them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice

from horizon.backends.memory.kernel.store import Job, Store
from horizon.backends.tags import DEEP, MOST_WORDS, TagCount, Tags, check, hour_of, told
from horizon.core.clock import Micros


class MemoryTags(Tags):
    """See `Tags`. This store keeps no index of tags: it looks at its jobs."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def words(self, prefix: str = "", limit: int = 20) -> Sequence[str]:
        """See `Tags.words`."""
        with self._store.act():
            found = {tag for job in self._store.by_n.values() for tag in job.envelope.tags if tag.startswith(prefix)}
        return sorted(found, key=str.encode)[: min(limit, MOST_WORDS)]

    def counts(self, tags: Sequence[str], until: Micros) -> Sequence[TagCount]:
        """See `Tags.counts`."""
        check(tags)
        with self._store.act():
            return [self._count(tag, until) for tag in tags]

    def _count(self, tag: str, until: Micros) -> TagCount:
        carry = (job for job in reversed(self._store.by_n.values()) if tag in job.envelope.tags)
        jobs = list(islice(carry, DEEP + 1))
        groups = Counter((_code(job), hour_of(job.pushed_at, until)) for job in jobs[:DEEP])
        return told(tag, ((code, hour, times) for (code, hour), times in groups.items()), whole=len(jobs) <= DEEP)


def _code(job: Job) -> int:
    return job.state.code if job.state is not None and job.visible else -1
