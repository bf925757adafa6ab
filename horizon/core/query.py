"""What to look for among stored jobs, and what came back. One indexed field drives; the others narrow it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from horizon.core.clock import Micros
from horizon.core.errors import InvalidFilter
from horizon.core.record import Record
from horizon.core.states import JobState

MAX_LIMIT = 200
DEFAULT_LIMIT = 50
SCAN_LIMIT = 5_000
"""Rows looked at behind the driving index for one page; the answer says how far it got."""


@dataclass(frozen=True, kw_only=True, slots=True)
class JobQuery:
    """A search. All given fields must match. Indexed: ids, states, queue, name, tag, user, group, cause; the rest narrows.

    Order: newest first; by finish where exactly one terminal state is asked for, by push otherwise.
    """

    ids: tuple[str, ...] = ()
    states: tuple[JobState, ...] = ()
    queue: str | None = None
    name: str | None = None
    """Registered name, or the class name after the colon and last dot."""
    tag: str | None = None
    """A trailing `*` matches by prefix (at most 20 different tags)."""
    user: str | None = None
    group: str | None = None
    """Members of one group; `batch:` in a search text."""
    cause: str | None = None
    error: str | None = None
    """Part of the error's type or message, any case."""
    arg: str | None = None
    """Part of the encoded arguments; what would be masked is not looked at."""
    secret: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Names whose values are masked beside those that look like it: (registered name of a class, or "" for all; names)."""
    text: tuple[str, ...] = ()
    """Plain words: each is part of the name, a tag, the error or the id."""
    wordless: bool = False
    """Plain words are not looked for in what exceptions say, only in their types."""
    reason: str | None = None
    """The reason kept with its end (or with its being forgotten), word for word: what one act did is found by it."""
    not_queue: tuple[str, ...] = ()
    not_name: tuple[str, ...] = ()
    not_tag: tuple[str, ...] = ()
    took_over: Micros | None = None
    took_under: Micros | None = None
    after: Micros | None = None
    """Pushed (or, in a terminal tab, finished) at or after."""
    before: Micros | None = None
    cursor: str | None = None
    limit: int = DEFAULT_LIMIT
    backwards: bool = False
    include_forgotten: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MAX_LIMIT:
            raise InvalidFilter(f"limit is from 1 to {MAX_LIMIT}, got {self.limit}")

    def masks(self, name: str) -> tuple[str, ...]:
        """What `secret` says of jobs of this name."""
        return tuple(key for of, keys in self.secret if of in ("", name) for key in keys)

    @property
    def narrowed(self) -> bool:
        """True where rows behind the driving index must be looked at one by one."""
        return any(
            (self.error, self.arg, self.text, self.reason, self.not_queue, self.not_name, self.not_tag, self.took_over, self.took_under)
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """One page of records (without payload, result, history), with the way to the next."""

    items: Sequence[Record]
    next: str | None = None
    total: int | None = None
    """Known only where one counter knows it."""
    total_at_least: int = 0
    searched_back_to: Micros | None = None
    """Set where the scan limit stopped the search before the page was full: nothing older was looked at."""
    cuts: Sequence[str] = ()
    """Cursors at which a page that was read forwards could also have ended: above its first row, then after each row.
    Lists of several connections are merged by them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """What an act is about: ids, or everything that a query matches when the act runs."""

    ids: tuple[str, ...] = ()
    query: JobQuery | None = None

    def __post_init__(self) -> None:
        if bool(self.ids) == (self.query is not None):
            raise InvalidFilter("a selection is either ids or a query: give exactly one of them")
