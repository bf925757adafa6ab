"""The words that occur in the stores: what a search can be completed to, and what the palette offers. Bounded questions, shared by
everybody who types at about the same moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from horizon.core import dead
from horizon.core.errors import InvalidFilter
from horizon.core.lanes import is_lane
from horizon.core.query import JobQuery
from horizon.core.record import Record
from horizon.jobs.groups.callbacks import TAG
from horizon.jobs.registry import REGISTRY
from horizon.monitor.figures import Overview
from horizon.monitor.naming import bare
from horizon.web.glance import Glance

LATEST = 200
"""Jobs, the newest, whose classes, tags and users are known by heart."""
WORDS = 20
"""Tags with one beginning that a store is asked for."""


class TagWords(Protocol):
    """Who knows the tags that begin so."""

    def __call__(self, prefix: str) -> Sequence[str]:
        """At most `WORDS` of them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Lexicon:
    """What occurs, the most frequent first where that is known."""

    queues: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    """Of the latest jobs, but for those of our own callbacks."""
    users: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    """Types of exceptions that jobs failed with."""
    causes: tuple[tuple[str, str], ...] = ()
    """(fingerprint, what it is)."""
    jobs: tuple[Record, ...] = ()
    """The latest."""
    tags_with: TagWords = lambda prefix: ()


def read(glance: Glance, connection: str | None) -> Lexicon:
    """What this glance at the stores tells; it asks each question once, however many ask it."""
    store = glance.backend(connection) if connection else glance.everywhere()
    told, _ = glance.figures()
    jobs = store.find(JobQuery(limit=LATEST)).items

    def tags_with(prefix: str) -> Sequence[str]:
        return store.tags.words(prefix, WORDS)

    return Lexicon(
        queues=queues_of(told, connection),
        classes=classes_of(jobs, REGISTRY.names()),
        tags=frequent(tag for job in jobs for tag in job.tags if tag.partition(":")[0] != TAG),
        users=frequent(job.user for job in jobs if job.user),
        errors=tuple(dict.fromkeys(cause.type for cause in told.causes if cause.type)),
        causes=tuple((cause.cause, f"{bare(cause.type)} of {bare(cause.name)}") for cause in told.causes),
        jobs=tuple(jobs),
        tags_with=tags_with,
    )


def queues_of(told: Overview, connection: str | None) -> tuple[str, ...]:
    """Queues that people know by name, by name."""
    names = {
        row.name for row in told.queues if connection in (None, row.connection) and not is_lane(row.name) and not dead.is_dead(row.name)
    }
    return tuple(sorted(names))


def classes_of(jobs: Iterable[Record], loaded: Iterable[str]) -> tuple[str, ...]:
    """Bare names of classes whose jobs are among these, the most frequent first; then those that are loaded. In full where two share one."""
    names = tuple(dict.fromkeys((*frequent(job.name for job in jobs), *sorted(loaded))))
    shared = {word for word, times in Counter(map(bare, names)).items() if times > 1}
    return tuple(name if bare(name) in shared else bare(name) for name in names)


def frequent(words: Iterable[str]) -> tuple[str, ...]:
    """Each once, the most frequent first."""
    return tuple(word for word, _ in Counter(words).most_common())


def tags_like(lexicon: Lexicon, prefix: str) -> tuple[str, ...]:
    """Tags of the latest jobs, then those that begin so, wherever they are stored."""
    try:
        stored = lexicon.tags_with(prefix) if prefix else ()
    except InvalidFilter:  # what no tag can be
        stored = ()
    return tuple(dict.fromkeys((*lexicon.tags, *stored)))
