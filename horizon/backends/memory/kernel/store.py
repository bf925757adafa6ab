"""Everything the memory backend knows: plain dicts, one lock, one clock. Nothing here decides anything."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from horizon.backends.metering import Gauge
from horizon.backends.notes import Note
from horizon.backends.people import ApiToken, User
from horizon.backends.rollup import Roll
from horizon.backends.schedules import Schedule, ScheduleRun
from horizon.backends.values import Lease, Operation, QueueSettings, Retention, Sample, SessionInfo, SessionReport, StoreOptions
from horizon.core import clock
from horizon.core.audit import AuditEntry
from horizon.core.chain import Chain, Mark
from horizon.core.clock import Micros
from horizon.core.effect import Effect
from horizon.core.envelope import Envelope, On
from horizon.core.group import FirstFailure, GroupState, NewGroup
from horizon.core.lanes import is_lane
from horizon.core.outcome import Failure, Kind, LogLine
from horizon.core.record import Attempt
from horizon.core.settings import BY_NAME
from horizon.core.states import JobState

ReadyKey = tuple[int, int, int]
"""(-priority, place, n): the order in which jobs of one queue start."""
CountKey = tuple[str, str, JobState]
LotKey = tuple[str, tuple[str, ...]]
"""A queue, and the keys of limits in order."""
SampleKey = tuple[str, str]
"""A queue and a class; samples stand beneath the beginning of their minute, hour or day."""


@dataclass(slots=True)
class Wait:
    """One edge, seen from the job that waits."""

    parent: str
    on: On
    met: bool = False
    of_group: bool = False


@dataclass(kw_only=True, slots=True)
class Job:
    """One record. Only `kernel/record.py` writes `state`; the rest belongs to the act that is named beside it."""

    n: int
    envelope: Envelope
    queue: str
    priority: int
    pushed_at: Micros
    created_at: Micros
    available_at: Micros
    state: JobState | None = None
    parked: bool = False
    """It would be pending if its limits had room."""
    place: int = 0
    max_tries: int | None = None
    timeout: Micros | None = None
    tries: int = 0
    runs: int = 0
    round: int = 0
    crashes: int = 0
    suspect: bool = False
    # the attempt under way (turn)
    token: str | None = None
    session: str | None = None
    executor: int | None = None
    reserved_at: Micros | None = None
    alone: bool = False
    # the attempt that ended last (settle)
    said: tuple[str, Kind] | None = None
    worker: str | None = None
    started_at: Micros | None = None
    wait: Micros | None = None
    runtime: Micros | None = None
    memory_kb: int | None = None
    # how it ended
    finished_at: Micros | None = None
    result: bytes | None = None
    error: Failure | None = None
    reason: str | None = None
    # asked of it by a person (act)
    cancel_reason: str | None = None
    forget_reason: str | None = None
    hidden_at: Micros | None = None
    member_of: str | None = None
    """The group it counts in; none where it runs detached from its envelope's."""
    detached: bool = False
    """It completed for its group, and runs again for itself."""
    # gates
    waits: list[Wait] = field(default_factory=list)
    cancelled_by: str | None = None
    needless: bool = False
    key_until: Micros | None = None
    key_spent: bool = False
    # news (progress) and history
    progress: int | None = None
    progress_note: str | None = None
    logs: list[LogLine] = field(default_factory=list)
    logs_dropped: int = 0
    history: list[Attempt] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The client's id."""
        return self.envelope.id

    @property
    def name(self) -> str:
        """The class."""
        return self.envelope.name

    @property
    def visible(self) -> bool:
        """Whether counters and lists know it: forgotten and needless jobs are kept out."""
        return self.hidden_at is None and not self.needless


@dataclass(kw_only=True, slots=True)
class Group:
    """One group. Only `kernel/groups.py` writes `state`; figures move with the states of its members."""

    n: int
    new: NewGroup
    created_at: Micros
    touched_at: Micros
    """When jobs came for it last."""
    state: GroupState = GroupState.OPEN
    live_jobs: dict[str, None] = field(default_factory=dict)
    live_groups: set[str] = field(default_factory=set)
    total: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    needless_ones: int = 0
    needless: bool = False
    generation: int = 0
    failed_at: Micros | None = None
    forgiven: bool = False
    """It was opened again after it had failed: jobs that come now are not cancelled for what failed before."""
    cancel_reason: str | None = None
    finished_at: Micros | None = None
    first_failure: FirstFailure | None = None
    progress_at: Micros = 0
    moved: bool = False

    @property
    def id(self) -> str:
        """The client's id."""
        return self.new.id

    @property
    def unfinished(self) -> int:
        """Members that have not ended."""
        return len(self.live_jobs) + len(self.live_groups)

    def count(self, state: JobState, by: int, *, needless: bool) -> None:
        """A member ended so, or (-1) is opened again."""
        self.completed += by * (state is JobState.COMPLETED)
        self.failed += by * (state is JobState.FAILED)
        self.cancelled += by * (state is JobState.CANCELLED)
        self.needless_ones += by * needless


@dataclass(kw_only=True, slots=True)
class Session:
    """One worker's lease."""

    info: SessionInfo
    report: SessionReport
    started_at: Micros
    renewed_at: Micros
    expires_at: Micros
    ended_at: Micros | None = None
    commands: list[str] = field(default_factory=list)


@dataclass(kw_only=True, slots=True)
class Pause:
    """Why a queue stands still, and until when."""

    until: Micros | None
    reason: str | None


@dataclass(kw_only=True, slots=True)
class Queue:
    """What the code says about a queue, what a person said over it, and its pause."""

    defined: QueueSettings
    changes: dict[str, object] = field(default_factory=dict)
    pause: Pause | None = None


@dataclass(kw_only=True, slots=True)
class Lot:
    """Waiting jobs of one queue that have the same limits, in order."""

    standing: list[ReadyKey] = field(default_factory=list)
    """Those that are pending."""
    parked: list[ReadyKey] = field(default_factory=list)


@dataclass(kw_only=True, slots=True)
class Driven:
    """A stored operation and how far it got: rows below `cursor` are still to be looked at."""

    operation: Operation
    cursor: int
    paid: Micros
    """See `driven.portion`."""


class Store:
    """The dicts, and what every act needs around them."""

    def __init__(self, options: StoreOptions) -> None:
        self.options = options
        self.retention = options.retention or Retention.default()
        self.log_lines: int = BY_NAME["HORIZON_LOG_LINES"].default
        self._clock: clock.ClockFn = options.clock or clock.now
        self.lock = threading.RLock()
        self.news = threading.Condition(self.lock)
        self.version = 0
        self.wakes = 0
        self.last_n = 0
        self.jobs: dict[str, Job] = {}
        self.by_n: dict[int, Job] = {}
        self.ready: dict[str, list[ReadyKey]] = {}
        self.due: list[tuple[Micros, int]] = []
        self.turns: dict[tuple[str, int, str], list[tuple[int, int]]] = {}
        self.held: dict[str, dict[str, Job]] = {}
        self.keys: dict[str, str] = {}
        self.dependants: dict[str, list[int]] = {}
        self.tombstones: dict[str, Micros] = {}
        self.counters: dict[CountKey, int] = {}
        self.samples: dict[Micros, dict[SampleKey, Sample]] = {}
        self.rolls: dict[tuple[Micros, Micros], Roll] = {}
        self.sessions: dict[str, Session] = {}
        self.queues: dict[str, Queue] = {}
        self.groups: dict[str, Group] = {}
        self.last_group = 0
        self.stirred: dict[str, None] = {}
        self.restless: set[str] = set()
        self.owed: dict[str, None] = {}
        self.at_end: Callable[[Micros], None] = lambda now: None
        self.locks: dict[str, Lease] = {}
        self.inbox: dict[str, tuple[Envelope, Micros]] = {}
        self.operations: dict[str, Driven] = {}
        self.entries: list[AuditEntry] = []
        self.entry_seq = 0
        self.chain = Chain(anchor=Mark(), head=Mark())
        self.users: dict[str, User] = {}
        self.tokens: dict[str, ApiToken] = {}
        self.signed_out: dict[str, Micros] = {}
        self.meters: dict[str, tuple[int, Micros]] = {}
        self.effects: dict[str, Effect] = {}
        self.notes: dict[str, dict[str, Note]] = {}
        self.gauges: dict[str, Gauge] = {}
        self.lots: dict[LotKey, Lot] = {}
        self.lots_of: dict[str, dict[LotKey, None]] = {}
        self.loose: dict[LotKey, None] = {}
        self.schedules: dict[str, Schedule] = {}
        self.schedule_runs: dict[str, list[ScheduleRun]] = {}
        self.seen_at: Micros | None = None
        self.no_reaping_before: Micros = 0

    def now(self) -> Micros:
        """The store's clock."""
        return self._clock()

    @contextmanager
    def act(self) -> Iterator[Micros]:
        """Hold the lock for one whole act and read the clock once for all of it; groups come last."""
        with self.lock:
            now = self.now()
            try:
                yield now
            finally:
                self.at_end(now)

    def changed(self) -> None:
        """Something visible changed."""
        self.version += 1

    def stir(self) -> None:
        """Let whoever waits look again."""
        self.news.notify_all()

    def wake(self) -> None:
        """Tell whoever waits that there may be a job, whether it sees one or not."""
        self.wakes += 1
        self.stir()

    def keep(self, entry: AuditEntry | None, now: Micros, count: int | None = None) -> None:
        """Append an audit entry, with the store's time and the number of things it touched."""
        if entry is None:
            return
        self.entry_seq += 1
        self.entries.append(replace(entry, at=now, seq=self.entry_seq, count=entry.count if count is None else count))
        self.changed()

    def settings(self, name: str, now: Micros) -> QueueSettings:
        """Of one queue, overrides and pause applied."""
        row = self.queues.get(name)
        if row is None:
            return QueueSettings(name=name, paused=is_lane(name))
        paused = is_lane(name) or (row.pause is not None and (row.pause.until is None or row.pause.until > now))
        changes: Mapping[str, object] = {
            **row.changes,
            "overridden": tuple(sorted(row.changes)),
            "coded": {key: getattr(row.defined, key) for key in sorted(row.changes)},
            "paused": paused,
            "paused_until": row.pause.until if row.pause and paused else None,
            "paused_reason": row.pause.reason if row.pause and paused else None,
        }
        return replace(row.defined, **changes)  # type: ignore[arg-type]

    def queue(self, name: str) -> Queue:
        """The row of a queue, made where there is none."""
        return self.queues.setdefault(name, Queue(defined=QueueSettings(name=name)))
