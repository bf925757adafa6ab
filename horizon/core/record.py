"""One stored job as it is read back: what pages, the API and the command line show."""

from __future__ import annotations

from dataclasses import dataclass

from horizon.core.clock import SECOND, Micros
from horizon.core.outcome import Failure, LogLine
from horizon.core.states import JobState

RELATED = 20
"""Ids of jobs on either side that a record names."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One run of a job, over all rounds numbered from 1."""

    number: int
    round: int
    started_at: Micros | None
    finished_at: Micros | None
    worker: str | None
    outcome: str
    """`completed`, `retry`, `failed`, `released`, `returned`, `cancelled`, `running`, `crashed`, `interrupted`."""
    reason: str | None = None
    error: Failure | None = None
    memory_kb: int | None = None
    delay: Micros | None = None
    """The wait before the next try that this attempt's end asked for."""
    logs: tuple[LogLine, ...] = ()
    logs_dropped: int = 0
    """How many lines were dropped, oldest first, because the attempt logged more than the cap."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One job: its envelope's data, where it stands, and (from `get` only) payload, result and history."""

    id: str
    n: int
    """The store's dense number: push order."""
    name: str
    queue: str
    connection: str
    state: JobState
    priority: int
    created_at: Micros
    available_at: Micros | None
    started_at: Micros | None
    finished_at: Micros | None
    attempts: int
    """Tries charged in the current round."""
    max_tries: int | None
    timeout: Micros | None
    round: int = 0
    crashes: int = 0
    tags: tuple[str, ...] = ()
    user: str | None = None
    tenant: str | None = None
    group: str | None = None
    deadline: Micros | None = None
    expires: bool = False
    """It fails where its deadline passes before it has started."""
    fair: str | None = None
    """The key by which it takes turns with other jobs of its queue and priority."""
    unique_key: str | None = None
    backoff: str | None = None
    worker: str | None = None
    session: str | None = None
    progress: int | None = None
    """Percent, 0 to 100."""
    progress_note: str | None = None
    error: Failure | None = None
    reason: str | None = None
    """Why it was cancelled, failed by the store, or returned last; while `cancel_requested`, why it is to stop."""
    cancel_requested: bool = False
    memory_kb: int | None = None
    wait: Micros | None = None
    """From available to started, of the last attempt."""
    runtime: Micros | None = None
    """Of the last attempt."""
    code_version: str | None = None
    in_inbox: bool = False
    """Committed with the host's transaction, not yet admitted."""
    forgotten: bool = False
    signature: str | None = None
    """From `get` only: what signs it, where keys are set."""
    payload: bytes | None = None
    result: bytes | None = None
    history: tuple[Attempt, ...] = ()
    waits_for: tuple[str, ...] = ()
    """Ids of the jobs a blocked one waits for."""
    depends_on: tuple[str, ...] = ()
    """From `get` only: ids of the jobs it waits for or waited for, the first pushed first, at most `RELATED`."""
    dependants: tuple[str, ...] = ()
    """From `get` only: ids of the jobs that wait or waited for it, the first pushed first, at most `RELATED`."""
    limits: tuple[str, ...] = ()
    """From `get` only: keys of the limits that must have room before it starts."""
    waits_for_limit: str | None = None
    """Of a job that is parked, the key of the limit that has no room."""
    key_holder: str | None = None
    """From `get` only: id of another active job that has the same unique key."""

    @property
    def runtime_seconds(self) -> float | None:
        """Runtime of the last attempt in seconds."""
        return None if self.runtime is None else self.runtime / SECOND
