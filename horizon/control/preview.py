"""What an act on all that match would touch: how many, and of what; before anybody says yes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from horizon.backends.base import Backend
from horizon.backends.values import Verb
from horizon.core.clock import DAY, HOUR, Micros
from horizon.core.query import MAX_LIMIT, JobQuery, Page
from horizon.core.record import Record
from horizon.core.states import LIVE, TERMINAL, JobState

Key = TypeVar("Key")
PAGES = 5
"""Pages of 200 jobs looked at where no counter knows: enough to tell what it is about, little enough to be at once."""
S = JobState
FITS: Mapping[Verb, frozenset[JobState]] = {
    Verb.RETRY: TERMINAL,
    Verb.CANCEL: LIVE,
    Verb.RUN_NOW: frozenset({S.SCHEDULED, S.RETRYING}),
    Verb.RESCHEDULE: frozenset({S.PENDING, S.SCHEDULED, S.RETRYING}),
    Verb.PRIORITIZE: LIVE - {S.PROCESSING},
    Verb.MOVE: frozenset(S) - {S.PROCESSING},
    Verb.FORGET: frozenset(S),
    Verb.RESTORE: TERMINAL,
}
"""States of the jobs that a verb touches; it leaves the others as they are."""
AGES: Mapping[str, Micros] = {"hour": HOUR, "day": DAY, "week": 7 * DAY}
OLDER = "older"


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Failures of one cause among the jobs that match."""

    cause: str
    """Its fingerprint."""
    type: str
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """What is known of the jobs that match."""

    count: int
    exact: bool
    """False: there are at least so many."""
    looked: int = 0
    """How many of them the kinds below were counted among; 0: all."""
    states: Mapping[JobState, int] = field(default_factory=dict)
    queues: Mapping[str, int] = field(default_factory=dict)
    names: Mapping[str, int] = field(default_factory=dict)
    origins: Sequence[Origin] = ()
    """The causes of those that failed, the most frequent first."""
    ages: Mapping[str, int] = field(default_factory=dict)
    """How many ended, or were dispatched where they have not ended, within the past `hour`, `day`, `week`, or are `older`."""
    sampled: int = 0
    """How many of them causes and ages were counted among; 0: all."""

    @property
    def saw(self) -> str:
        """What it told, for whoever says yes to send along: `1204`, or `1000+` where there may be more."""
        return f"{self.count}{'' if self.exact else '+'}"

    def since(self, saw: str) -> int:
        """How many more match than was told then, fewer below 0; 0 where one of the two is not known exactly."""
        return self.count - int(saw) if self.exact and saw.isdecimal() and len(saw) < 16 else 0

    def left(self, verb: Verb) -> dict[JobState, int]:
        """Those among the jobs looked at that the verb would leave as they are."""
        return {state: n for state, n in self.states.items() if state not in FITS[verb]}


def preview(backend: Backend, query: JobQuery) -> Preview:
    """Exact where counters know the answer; else a bounded look at the jobs that come first. Raises InvalidFilter."""
    query = replace(query, cursor=None, backwards=False, limit=MAX_LIMIT)
    first = backend.find(query)
    if first.total is not None and query.queue is None and query.name is None:
        return _with_kinds(_counted(backend, first.total, query.states), first.items, backend.now())
    seen, whole = _look(backend, query, first)
    count = first.total if first.total is not None else len(seen) if whole else max(first.total_at_least, len(seen))
    return _with_kinds(_tallied(seen, count, exact=whole or first.total is not None), seen, backend.now())


def together(parts: Sequence[Preview]) -> Preview:
    """What several searches that have no job in common would touch. Pure."""
    if len(parts) == 1:
        return parts[0]
    causes = Counter({(one.cause, one.type): 0 for part in parts for one in part.origins})
    for part in parts:
        causes.update({(one.cause, one.type): one.count for one in part.origins})
    partly = any(not part.exact or part.looked for part in parts)
    return Preview(
        count=sum(part.count for part in parts),
        exact=all(part.exact for part in parts),
        looked=sum(part.looked or part.count for part in parts) if partly else 0,
        states=_most(_sum(part.states for part in parts)),
        queues=_most(_sum(part.queues for part in parts)),
        names=_most(_sum(part.names for part in parts)),
        origins=tuple(Origin(cause=cause, type=type, count=n) for (cause, type), n in causes.most_common()),
        ages=_sum(part.ages for part in parts),
        sampled=sum(part.sampled or part.count for part in parts) if any(part.sampled for part in parts) else 0,
    )


def _sum(counts: Iterable[Mapping[Key, int]]) -> dict[Key, int]:
    found = Counter[Key]()
    for one in counts:
        found.update(one)
    return dict(found)


def _with_kinds(told: Preview, seen: Sequence[Record], now: Micros) -> Preview:
    """With the causes and ages of the jobs that were looked at."""
    causes = Counter((record.error.cause, record.error.type) for record in seen if record.error is not None and record.error.cause)
    ages = Counter(_age(now - (record.finished_at or record.created_at)) for record in seen)
    return replace(
        told,
        origins=tuple(Origin(cause=cause, type=type, count=n) for (cause, type), n in causes.most_common()),
        ages={word: ages[word] for word in (*AGES, OLDER) if ages[word]},
        sampled=0 if told.exact and len(seen) == told.count else len(seen),
    )


def _age(passed: Micros) -> str:
    return next((word for word, most in AGES.items() if passed <= most), OLDER)


def _look(backend: Backend, query: JobQuery, page: Page) -> tuple[list[Record], bool]:
    """(the jobs that come first, whether they are all there are)."""
    seen = list(page.items)
    for _ in range(PAGES - 1):
        if page.next is None or page.searched_back_to is not None:
            break
        page = backend.find(replace(query, cursor=page.next))
        seen += page.items
    return seen, page.next is None


def _counted(backend: Backend, total: int, states: tuple[JobState, ...]) -> Preview:
    """From counters alone."""
    wanted = states or tuple(S)
    queues = {row.queue: sum(row.counts.get(state, 0) for state in wanted) for row in backend.numbers.counts()}
    names = {name: sum(counts.get(state, 0) for state in wanted) for name, counts in backend.numbers.names().items()}
    by_state = {state: sum(row.counts.get(state, 0) for row in backend.numbers.counts()) for state in wanted}
    return Preview(count=total, exact=True, states=_most(by_state), queues=_most(queues), names=_most(names))


def _tallied(seen: list[Record], count: int, *, exact: bool) -> Preview:
    """From the jobs that were looked at."""
    return Preview(
        count=count,
        exact=exact,
        looked=0 if exact and len(seen) == count else len(seen),
        states=_most(Counter(record.state for record in seen)),
        queues=_most(Counter(record.queue for record in seen)),
        names=_most(Counter(record.name for record in seen)),
    )


def _most(counts: Mapping[Key, int]) -> dict[Key, int]:
    """The most frequent first, without those that do not occur."""
    return dict(sorted(((key, n) for key, n in counts.items() if n), key=lambda row: -row[1]))
