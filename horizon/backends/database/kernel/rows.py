"""The shapes of stored rows, and the numbers that mark a record as out of sight."""

from __future__ import annotations

from typing import NamedTuple

from horizon.core.clock import Micros
from horizon.core.outcome import Failure
from horizon.core.states import BY_CODE, JobState

PENDING, PROCESSING, SCHEDULED, RETRYING, BLOCKED, COMPLETED, FAILED, CANCELLED = (
    state.code
    for state in (
        JobState.PENDING, JobState.PROCESSING, JobState.SCHEDULED, JobState.RETRYING,
        JobState.BLOCKED, JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED,
    )
)  # fmt: skip
HIDDEN = 32
"""Added to the state of a forgotten record: no list, counter or index of the plain state meets it any more."""
NEEDLESS = 64
"""Added to the state of a job that was cancelled because its gate can no longer open: kept, and out of sight."""
PLAIN = 31


def state_of(code: int) -> JobState:
    """The state, whether in sight or not."""
    return BY_CODE[code & PLAIN]


class Live(NamedTuple):
    """One row of `live`, whole."""

    n: int
    state: int
    queue: str
    name: str
    rank: int
    place: int
    due: Micros | None
    available_at: Micros
    size: int
    tries: int
    runs: int
    round: int
    crashes: int
    suspect: int
    token: str | None
    session: str | None
    executor: int | None
    worker: str | None
    reserved_at: Micros | None
    alone: int
    cancel_reason: str | None
    unique_key: str | None
    unique_until: Micros | None
    key_spent: int
    deadline: Micros | None
    hide_reason: str | None
    max_tries: int | None
    timeout: Micros | None
    last_token: str | None
    last_said: int | None
    progress: int | None
    note: str | None
    started_at: Micros | None
    wait: Micros | None
    runtime: Micros | None
    memory_kb: int | None
    cause: str | None
    error_type: str | None
    error_message: str | None
    reason: str | None
    group_n: int | None
    fair: str | None
    share: int | None
    """None: 1."""
    expires: int | None
    lot: int | None = None
    """Of a job with limits, see `kernel/lots.py`; below 0 while it is parked."""

    @property
    def waits_for_turn(self) -> bool:
        """Whether it is pending, or would be, had its limits room."""
        return self.state == PENDING or (self.lot is not None and self.lot < 0)

    @property
    def expires_at(self) -> Micros | None:
        """From when on it is not started any more: it is due then, though it waits for nothing but its turn."""
        return self.deadline if self.expires else None

    @property
    def error(self) -> Failure | None:
        """How the last attempt failed; its traceback stands with the attempt."""
        return failure(self.error_type, self.error_message, None, self.cause)


class Held(NamedTuple):
    """What must be known of a job whose attempt speaks, before anything else is."""

    n: int
    state: int
    token: str | None
    queue: str
    name: str
    runs: int
    reserved_at: Micros | None
    available_at: Micros
    hide_reason: str | None
    group_n: int | None
    lot: int | None


class Done(NamedTuple):
    """One row of `done`, whole."""

    n: int
    state: int
    finished_at: Micros
    hidden_at: Micros | None
    queue: str
    name: str
    rank: int
    group_n: int | None
    cancelled_by: int | None
    key_spent: int
    hide_reason: str | None
    token: str | None
    said: int | None
    ran: int
    """1 where this end is that of a run, which then stands here alone and not in `attempt`."""
    available_at: Micros | None
    started_at: Micros | None
    wait: Micros | None
    runtime: Micros | None
    tries: int
    runs: int
    round: int
    crashes: int
    max_tries: int | None
    timeout: Micros | None
    memory_kb: int | None
    worker: str | None
    progress: int | None
    note: str | None
    outcome: str
    cause: str | None
    error_type: str | None
    error_message: str | None
    reason: str | None
    result: bytes | None
    traceback: str | None

    @property
    def error(self) -> Failure | None:
        """How it failed."""
        return failure(self.error_type, self.error_message, self.traceback, self.cause)


def failure(type: str | None, message: str | None, traceback: str | None, cause: str | None) -> Failure | None:
    """A failure from its columns; None where there was none."""
    return None if type is None else Failure(type=type, message=message or "", traceback=traceback or "", cause=cause or "")


def columns(shape: type[Live] | type[Held] | type[Done], alias: str = "") -> str:
    """The columns of a row in order, for a SELECT."""
    return ", ".join(f"{alias}{field}" for field in shape._fields)


SELECT_LIVE = f"SELECT {columns(Live)} FROM horizon_live WHERE n IN ({{in}})"
HOLD_LIVE = f"{SELECT_LIVE} /*hold n*/"
SELECT_HELD = f"SELECT {columns(Held)} FROM horizon_live WHERE n IN ({{in}}) /*hold n*/"
SELECT_DONE = f"SELECT {columns(Done)} FROM horizon_done WHERE n IN ({{in}})"
SHORT_DONE = f"SELECT {columns(Done).removesuffix('result, traceback')} NULL, NULL FROM horizon_done WHERE n IN ({{in}})"
"""Without what can be large: for lists."""
HOLD_DONE = f"{SHORT_DONE} /*hold n*/"
