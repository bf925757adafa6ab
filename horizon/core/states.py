"""The eight states of a job and the moves between them; everything else raises `InvalidTransition`."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from horizon.core.errors import InvalidTransition


class JobState(StrEnum):
    """Where a job is. The value is the word people see."""

    SCHEDULED = "scheduled"
    BLOCKED = "blocked"
    PENDING = "pending"
    PROCESSING = "processing"
    RETRYING = "retrying"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def code(self) -> int:
        """The small integer a store keeps; fixed for ever, since it is on disk."""
        return CODES[self]

    @property
    def terminal(self) -> bool:
        """True where nothing more happens by itself."""
        return self in TERMINAL


class Priority(IntEnum):
    """Names for common priorities; any int from -100 to 100 is allowed. Higher starts first."""

    LOW = -10
    NORMAL = 0
    HIGH = 10
    CRITICAL = 20


MIN_PRIORITY, MAX_PRIORITY = -100, 100

S = JobState
CODES: dict[JobState, int] = {
    S.PENDING: 1, S.PROCESSING: 2, S.SCHEDULED: 3, S.RETRYING: 4,
    S.BLOCKED: 5, S.COMPLETED: 6, S.FAILED: 7, S.CANCELLED: 8,
}  # fmt: skip
BY_CODE: dict[int, JobState] = {code: state for state, code in CODES.items()}
TERMINAL = frozenset({S.COMPLETED, S.FAILED, S.CANCELLED})
LIVE = frozenset(S) - TERMINAL

MOVES: dict[JobState | None, frozenset[JobState]] = {
    None: frozenset({S.PENDING, S.SCHEDULED, S.BLOCKED, S.CANCELLED, S.FAILED}),  # push and inbox
    S.BLOCKED: frozenset({S.PENDING, S.SCHEDULED, S.CANCELLED}),
    S.SCHEDULED: frozenset({S.PENDING, S.SCHEDULED, S.CANCELLED}),
    S.PENDING: frozenset({S.PROCESSING, S.SCHEDULED, S.CANCELLED, S.FAILED}),
    S.RETRYING: frozenset({S.PENDING, S.RETRYING, S.CANCELLED}),
    S.PROCESSING: frozenset({S.COMPLETED, S.FAILED, S.CANCELLED, S.RETRYING, S.SCHEDULED, S.PENDING}),
    S.FAILED: frozenset({S.PENDING, S.SCHEDULED, S.BLOCKED}),
    S.COMPLETED: frozenset({S.PENDING, S.SCHEDULED, S.BLOCKED}),
    S.CANCELLED: frozenset({S.PENDING, S.SCHEDULED, S.BLOCKED}),
}


def check_move(old: JobState | None, new: JobState) -> None:
    """Raise `InvalidTransition` unless a job in `old` (None: not stored yet) may become `new`."""
    if new not in MOVES[old]:
        allowed = ", ".join(sorted(MOVES[old])) or "nothing"
        raise InvalidTransition(f"a job that is {old or 'new'} cannot become {new}; it may become: {allowed}")
