"""The values that cross the line between the product and a store, all frozen and plain; `base.py` and `nouns.py` use them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from horizon.backends.guarding import NOTHING, Trace
from horizon.backends.queueing import QueueSettings as QueueSettings
from horizon.backends.retention import Retention as Retention
from horizon.core.clock import SECOND, ClockFn, Micros
from horizon.core.histogram import Histogram
from horizon.core.outcome import Answer, LogLine
from horizon.core.query import JobQuery
from horizon.core.states import JobState

AT_ONCE = 100
"""How many short jobs a worker settles and takes in one turn, unless the store likes another number."""
ACT_LIMIT = 500
"""Rows one act touches at the most; more is a stored operation."""
PUSH_LIMIT = 1_000
"""Envelopes one push takes all or none; `connection.push` chunks more than that."""
DUE_IN_PASSING = 100
"""Jobs whose time has come that a turn makes pending on its way, about as many as it hands out: however many are due at once, a
turn stays as quick as any other. A tick takes more."""
TOMBSTONE: Micros = 60 * SECOND
"""How long the id of a removed job is remembered, so that a late resend does not bring it back."""


class PushStatus(StrEnum):
    """What became of one pushed envelope."""

    CREATED = "created"
    EXISTS = "exists"
    """This id is here already: the push was sent again."""
    DUPLICATE = "duplicate"
    """Another active job holds the unique key; nothing was stored."""
    GONE = "gone"
    """Only the tombstone of this id is left."""


@dataclass(kw_only=True, slots=True)
class Pushed:
    """The answer to one envelope. Not frozen, for speed only: nobody changes it."""

    id: str
    status: PushStatus
    holder: str | None = None
    """For a duplicate: the id of the job that holds the key."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Want:
    """What a worker would like to run next."""

    session: str
    executor: int
    count: int
    """At most this many; 0 settles only."""
    queues: tuple[str, ...] = ()
    """In strict order; empty: every queue, drawn by `priority_weight`."""
    fair: bool = False
    """Listed queues are drawn by weight too instead of in strict order."""
    draw: float = 0.0
    """A random number in [0, 1) for the weighted draw: the store itself throws no dice."""
    max_bytes: int = 8_000_000
    """Stop before the payloads together exceed this (one job is always given)."""
    limited: int | None = None
    """At most so many of them with limits: they are not reserved ahead. None: as many as of any."""
    floor: int | None = None
    """Only jobs of this priority and above."""
    default_max_tries: int | None = None
    default_timeout: Micros | None = None
    """Kept with the job where its own option is None: resolved at the first reservation."""


@dataclass(slots=True)
class Reservation:
    """One job handed to one executor. Not frozen, for speed only: nobody changes it."""

    id: str
    ref: object
    token: str
    name: str
    queue: str
    payload: bytes
    version: int
    attempt: int
    """Which try of the current round this is, from 1."""
    run: int
    """Which run over all rounds, from 1: the number in the history."""
    round: int
    priority: int
    max_tries: int | None
    timeout: Micros | None
    backoff: str | None
    retry_until: Micros | None
    max_crashes: int | None
    crashes: int
    tags: tuple[str, ...]
    user: str | None
    tenant: str | None
    group: str | None
    deadline: Micros | None
    hook: bool
    code_version: str | None
    signature: str | None
    unique_key: str | None
    created_at: Micros
    available_at: Micros
    reserved_at: Micros
    alone: bool
    """Reserved alone because it is suspect: its executor must hold no other."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Turned:
    """The reply to a turn."""

    answers: Sequence[Answer]
    """One per outcome, in order."""
    reservations: Sequence[Reservation]
    next_due: Micros | None
    """When the next scheduled or retrying job of these queues is due, None where there is none."""
    now: Micros
    refused: Mapping[int, str] = field(default_factory=dict)
    """Outcomes (by index) that the store could not keep: those jobs ended `failed(unsettleable: reason)`."""


class Asked(Protocol):
    """A turn under way."""

    def ready(self) -> bool:
        """Whether the answer, or the end of the connection, is there: `finish` would not have to wait."""

    def finish(self) -> Turned:
        """The answer; to be called once, from any thread. Raises BackendUnavailable."""


class VerdictKind(StrEnum):
    """Why the guardian ended an attempt from outside."""

    CRASH = "crash"
    TIMEOUT = "timeout"
    CANCEL = "cancel"
    INTERRUPTED = "interrupted"
    """A neighbour in the same executor was killed, or the worker had to stop at once: no try is charged."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What the guardian knows of an attempt whose executor is gone."""

    kind: VerdictKind
    delay: Micros | None = None
    """For a timeout: the wait before the next try that stood on the page; None: that was the last one."""
    started_after: Micros = 0
    runtime: Micros = 0
    reason: str | None = None
    only: bool = True
    """It was the only job running in its executor, so a crash may be charged to it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionInfo:
    """A worker (or a web process) that announces itself."""

    id: str
    kind: str
    """`worker` or `web`."""
    host: str
    pid: int
    queues: tuple[str, ...] = ()
    fair: bool = False
    processes: int = 1
    concurrency: int = 1
    code_version: str | None = None
    version: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionReport:
    """What a guardian tells with each renewal."""

    state: str = "running"
    """`starting`, `running`, `paused`, `draining`."""
    memory_kb: int | None = None
    executors: tuple[Mapping[str, object], ...] = ()
    """Per executor: pid, jobs done, and per slot the id of the job and since when."""
    problems: tuple[str, ...] = ()
    """Sentences a person should read: a module that cannot be imported, an executor that keeps dying."""
    limits: Mapping[str, object] = field(default_factory=dict)
    """What it was started with beside its size: `reserve`, `max_jobs`, `max_time`, `timeout`, `tries`, `memory`; only what limits it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Renewed:
    """The reply to a renewal."""

    alive: bool
    """False: the store has given this session up; its jobs are no longer its own, stop everything."""
    expires_at: Micros
    commands: tuple[str, ...] = ()
    """`pause`, `resume`, `stop`, `restart`: each is handed out once."""
    stops: Mapping[str, str] = field(default_factory=dict)
    """Token of a running attempt to cancel → reason; repeated until it ended."""
    paused_queues: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionRecord:
    """A session as pages show it. `ended_at`: when it said goodbye, or was given up some time after its lease."""

    info: SessionInfo
    report: SessionReport
    started_at: Micros
    renewed_at: Micros
    expires_at: Micros
    alive: bool
    ended_at: Micros | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Lease:
    """A named lock held until `expires_at`; `term` grows by one with every change of holder."""

    name: str
    holder: str
    term: int
    expires_at: Micros


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """What happened to one class on one queue in one minute."""

    minute: Micros
    """Start of the minute."""
    queue: str
    name: str
    pushed: int = 0
    completed: int = 0
    failed: int = 0
    """Ended `failed` for good."""
    cancelled: int = 0
    retried: int = 0
    """Attempts that failed and come again."""
    runtime: Histogram = field(default_factory=Histogram)
    wait: Histogram = field(default_factory=Histogram)
    memory_kb: int = 0
    """Peak."""


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueCount:
    """How many jobs of one queue stand in each state, from counters."""

    queue: str
    counts: Mapping[JobState, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """An act on more rows than one act takes: stored, and driven 500 at a time by whoever ticks."""

    id: str
    verb: str
    query: JobQuery
    params: Mapping[str, object]
    actor: str
    state: str
    """`running`, `done`, `stopped`."""
    created_at: Micros
    finished_at: Micros | None = None
    expected: int | None = None
    done: int = 0
    skipped: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    """Why rows were skipped → how many."""
    trace: Trace = NOTHING
    """What is known of its jobs; in a list, nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProgressReport:
    """News of a running attempt."""

    ref: object
    token: str
    percent: int | None = None
    note: str | None = None
    logs: tuple[LogLine, ...] = ()
    logs_dropped: int = 0


class Verb(StrEnum):
    """What a person can do to jobs."""

    CANCEL = "cancel"
    RETRY = "retry"
    """A terminal job goes to `pending` (or, with `at`, `scheduled`): same id, history kept, a new round, tries from 0."""
    RUN_NOW = "run_now"
    """A scheduled or retrying job becomes pending at once."""
    RESCHEDULE = "reschedule"
    """With `at`: a pending, scheduled or retrying job waits until then."""
    PRIORITIZE = "prioritize"
    """With `priority`: of any job that has not started."""
    MOVE = "move"
    """With `queue`: of any job that is not running."""
    FORGET = "forget"
    """A terminal record is hidden and removed after `HORIZON_UNDO`; a live job is cancelled first. `reason` is kept."""
    RESTORE = "restore"
    """Bring back the terminal record of a forgotten job."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ActParams:
    """What some verbs need."""

    at: Micros | None = None
    priority: int | None = None
    queue: str | None = None
    reason: str | None = None
    keep_time: bool | None = None
    """With RETRY: a job that was cancelled goes back to where it stood, instead of beginning anew: blocked by what it waited
    for, scheduled for its time, with the tries it had."""
    tries: int | None = None
    """With RETRY: it begins anew with so many of its tries used up; none where nothing is said."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Acted:
    """What an act did; rows it may not touch are skipped with the reason in words."""

    done: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...] = ()
    more: bool = False
    """True where a query matched more than 500 rows: the rest is for a stored operation."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ticked:
    """What one tick did, by kind of work."""

    promoted: int = 0
    reaped: int = 0
    admitted: int = 0
    folded: int = 0
    trimmed: int = 0
    operated: int = 0
    next_due: Micros | None = None
    more: bool = False
    """Some of it was cut off by the bound: tick again soon."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """Failures with the same origin."""

    cause: str
    type: str
    message: str
    name: str
    count: int
    first_at: Micros
    last_at: Micros


@dataclass(frozen=True, kw_only=True, slots=True)
class StoreOptions:
    """What a backend is built with beside its address."""

    name: str = "default"
    lease: Micros = 15 * SECOND
    retention: Retention | None = None
    clock: ClockFn | None = None
    """None: the store's own."""
    max_crashes: int = 3
    seal_timeout: Micros = 600 * SECOND
    """How long a group may wait for its last jobs to be pushed before it is cancelled."""
    extra: Mapping[str, object] = field(default_factory=dict)
    """Settings of one kind of store, such as `synchronous` for SQLite."""
