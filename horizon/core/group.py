"""Jobs that belong together: batches, chains and workflows are one mechanism, a group beside its jobs.

A job is a member of at most one group, its innermost; a group that is nested in another counts there as one member. What
follows a group (its callbacks, the step after it) is a blocked job with an edge to it, pushed beforehand like any other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from horizon.core.clock import Micros
from horizon.core.envelope import On
from horizon.core.errors import InvalidFilter, InvalidOption

MAX_LIMIT = 200
DEFAULT_LIMIT = 50
MOST_RESULTS = 1_000
NEVER_SEALED = "its last jobs never came"
"""Why a group is cancelled that was left unsealed for longer than HORIZON_SEAL_TIMEOUT."""
CANCELLED_BY_HAND = "its group was cancelled"
"""Why members are cancelled with their group where nobody says why."""
GROUP_FAILED = "more of its group failed than the group allows"
"""Why the members of a batch are cancelled that have not started when it fails."""
_ROUNDING = 1e-9
"""A share is a binary fraction: 29 % of 100 are 28.999999999999996."""


class GroupKind(StrEnum):
    """What a group is. In a batch, a failure beyond `allow` cancels what has not started; in the others edges alone do."""

    BATCH = "batch"
    CHAIN = "chain"
    WORKFLOW = "workflow"

    @property
    def code(self) -> int:
        """The small integer a store keeps; fixed for ever."""
        return _KINDS.index(self) + 1


_KINDS = (GroupKind.BATCH, GroupKind.CHAIN, GroupKind.WORKFLOW)


class GroupState(StrEnum):
    """Where a group is. `OPEN` is one that runs and still takes its first jobs: it cannot end before it is sealed."""

    OPEN = "open"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def code(self) -> int:
        """The small integer a store keeps; fixed for ever. Those of an end are those of a job's."""
        return _CODES[self]

    @property
    def ended(self) -> bool:
        """Nothing more happens by itself."""
        return self not in (GroupState.OPEN, GroupState.RUNNING)


_CODES = {GroupState.OPEN: 1, GroupState.RUNNING: 2, GroupState.COMPLETED: 6, GroupState.FAILED: 7, GroupState.CANCELLED: 8}
KIND_OF = {kind.code: kind for kind in _KINDS}
STATE_OF = {code: state for state, code in _CODES.items()}


def bears(allow: float | None, allow_all: bool, *, failed: int, total: int, sealed: bool) -> bool:
    """Whether a group goes on with so many failures. A share is asked of the whole, which is known once it is sealed."""
    if allow_all or not failed:
        return True
    if isinstance(allow, float):
        return not sealed or failed <= math.floor(allow * total + _ROUNDING)
    return failed <= (allow or 0)


def _check_allow(allow: float | None) -> None:
    if allow is None or (type(allow) is int and allow >= 0) or (type(allow) is float and 0 <= allow <= 1):
        return
    raise InvalidOption(f"a group allows a number of failures from 0 up (an int), or a share of its jobs from 0.0 to 1.0; got {allow!r}")


@dataclass(frozen=True, kw_only=True, slots=True)
class NewGroup:
    """A group about to be stored; pushed with its first jobs. Raises InvalidOption."""

    id: str
    kind: GroupKind
    name: str = ""
    parent: str | None = None
    """The group it is nested in: stored before, or given earlier in the same push."""
    allow: float | None = None
    """How many failures it bears: an int, or a float from 0.0 to 1.0, a share of all its members. None: 0."""
    allow_all: bool = False
    options: Mapping[str, object] = field(default_factory=dict)
    """Small, and JSON: what whoever made it wants to know later; a store reads nothing in it."""
    user: str | None = None
    tenant: str | None = None

    def __post_init__(self) -> None:
        _check_allow(self.allow)


@dataclass(frozen=True, kw_only=True, slots=True)
class FirstFailure:
    """The member that failed first."""

    job_id: str
    type: str | None = None
    message: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupRecord:
    """One group as it is read back. At every moment pending + processing + completed + failed + cancelled = total."""

    id: str
    n: int
    """The store's number: in the order in which groups were pushed."""
    kind: GroupKind
    connection: str
    state: GroupState
    sealed: bool
    total: int
    pending: int
    """Neither running nor ended; a nested group until it ends."""
    processing: int
    completed: int
    failed: int
    cancelled: int
    created_at: Micros
    name: str = ""
    parent: str | None = None
    allow: float | None = None
    allow_all: bool = False
    generation: int = 0
    """How often it was opened again."""
    failed_at: Micros | None = None
    """When more failed than it allows; from then on it ends `failed`, whatever its other members do."""
    finished_at: Micros | None = None
    first_failure: FirstFailure | None = None
    reason: str | None = None
    """Why it was cancelled."""
    options: Mapping[str, object] = field(default_factory=dict)
    user: str | None = None
    tenant: str | None = None

    @property
    def unfinished(self) -> int:
        """Members that have not ended."""
        return self.pending + self.processing

    @property
    def ended(self) -> bool:
        """Nothing more happens by itself."""
        return self.state.ended

    @property
    def progress(self) -> int:
        """Percent of its members that have ended, 0 to 100, rounded down."""
        return 100 * (self.total - self.unfinished) // self.total if self.total else 100 * self.ended


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """One thing that a job waits for, or waited for."""

    job: str
    parent: str
    """Id of a job or of a group."""
    on: On
    met: bool | None = None
    """Whether it let the job go; None while that is not decided, and where the store does not tell."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupQuery:
    """A search for groups, newest first. All given fields must match."""

    kind: GroupKind | None = None
    state: GroupState | None = None
    name: str | None = None
    parent: str | None = None
    top: bool = False
    """Only those that are nested in no other."""
    tenant: str | None = None
    user: str | None = None
    text: tuple[str, ...] = ()
    """Plain words: each is part of the name, the id, the user, the reason or the first failure, any case; looked for among the
    first `SCAN_LIMIT` that fit the rest."""
    wordless: bool = False
    """Plain words are not looked for in what the first failure says, only in its type."""
    after: Micros | None = None
    """Pushed at or after."""
    before: Micros | None = None
    cursor: str | None = None
    """Where to go on: `n` of the last one seen, as text."""
    limit: int = DEFAULT_LIMIT

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MAX_LIMIT:
            raise InvalidFilter(f"limit is from 1 to {MAX_LIMIT}, got {self.limit}")


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupPage:
    """One page of groups, with the way to the next."""

    items: Sequence[GroupRecord]
    next: str | None = None
    searched_back_to: Micros | None = None
    """Set where `SCAN_LIMIT` stopped the search for words before the page was full: nothing older was looked at."""
