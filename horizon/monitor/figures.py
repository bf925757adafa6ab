"""What the dashboard shows, as values. Durations are seconds, times microseconds since 1970 UTC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from horizon.backends.values import Cause, QueueSettings, SessionRecord
from horizon.core.clock import Micros, to_datetime
from horizon.core.lanes import is_lane
from horizon.core.states import JobState
from horizon.monitor.health import Health
from horizon.monitor.targets import Standing

RUNNING, PAUSED, INACTIVE = "running", "paused", "inactive"
LATE, IDLE = "late", "idle"


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueFigures:
    """One queue on one connection."""

    name: str
    connection: str
    counts: Mapping[JobState, int]
    """Every state, zeros included."""
    dead: int = 0
    """Its dead letters: jobs that failed too often, see `core/dead.py`. They are not among the counts."""
    oldest: float | None = None
    """How long the oldest job that could run has waited; None where none waits."""
    per_minute: float = 0.0
    """Jobs that ended in the past minute."""
    ended: Sequence[int] = ()
    """Completed and failed jobs for each of the past 60 minutes, oldest first."""
    paused: bool = False
    paused_until: Micros | None = None
    paused_reason: str | None = None
    unserved: bool = False
    """Jobs wait here and no living worker takes from it."""
    in_per_minute: float = 0.0
    """Jobs that were pushed in the past minute."""
    entered: Sequence[int] = ()
    """Pushed jobs for each of the past 60 minutes, oldest first."""
    workers: int = 0
    """Living ones that take from it."""
    slots: int = 0
    """Jobs that these can run at a time, whatever queue they are from."""
    to_clear: float | None = 0.0
    """Seconds until nothing waits at the pace of the past minutes; None where it does not get less."""
    stuck: bool = False
    """Jobs wait, and they do not get less."""
    settings: QueueSettings | None = None
    """What is set for it, by code and by people."""
    target: Standing | None = None
    """How its time target stands; None where it has none."""
    unknown: bool = False
    """Nobody uses it: it has no job, no worker lists it, and no code defines it. It was paused or set by name only."""

    @property
    def lane(self) -> bool:
        """Whether its jobs are on their way to another connection."""
        return is_lane(self.name)

    def count(self, state: JobState) -> int:
        """How many of its jobs are in a state."""
        return self.counts.get(state, 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Minute:
    """What came and ended in one minute, and how long it ran."""

    at: Micros
    completed: int = 0
    failed: int = 0
    entered: int = 0
    """Pushed."""
    waiting: int = 0
    """Jobs that waited or ran at its end, reckoned back from now."""
    runtime_p95: float = 0.0
    """Seconds; 0 where nothing ended."""
    busy: float = 0.0
    """Slots that were busy on the average, as run times tell: of jobs that ended in it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Processes:
    """Executors of living workers, and the jobs they can run and do run at a time."""

    running: int = 0
    slots: int = 0
    busy: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Quiet:
    """A living worker that is silent."""

    session: SessionRecord
    kind: str
    """`late`: its heartbeat is overdue; `idle`: it has room and takes nothing, though jobs of its queues wait."""
    since: Micros
    """Last heard of, or last seen to take a job."""
    queue: str = ""
    """Where a job waits longest that it could run."""
    waiting: int = 0
    """Jobs that it could run."""

    @property
    def worker(self) -> str:
        """As logs and attempts call it."""
        return f"{self.session.info.host}:{self.session.info.pid}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Silent:
    """A store that does not answer."""

    connection: str
    error: str = ""
    instead: str = ""
    """What becomes of jobs that are dispatched to it."""
    since: Micros | None = None
    """When that was seen first; None where it has just answered after all."""
    earlier: bool = False
    """Nobody here knows when it began: it has not answered this process yet."""

    def told(self, moment: str = "") -> str:
        """In words. `moment`: since when, written as whoever reads it writes times; left out, that is not told."""
        since = f" since {moment}{' or earlier' if self.earlier else ''}" if moment else ""
        told = (f"The connection {self.connection} does not answer{since}; what is on it is missing here.", self.instead, self.error)
        return " ".join(sentence for sentence in told if sentence)

    @property
    def plainly(self) -> str:
        """For programs, with the time in UTC."""
        return self.told("" if self.since is None else f"{to_datetime(self.since):%H:%M} UTC")


@dataclass(frozen=True, kw_only=True, slots=True)
class Overview:
    """Everything the first page shows; the API's `jobs/dashboard` is a part of it."""

    at: Micros
    status: str
    """`running`; `paused`: every living worker or every queue is; `inactive`: no worker lives."""
    health: Health
    throughput_per_minute: float
    jobs_past_hour: int
    """Completed or failed for good."""
    failed_past_hour: int
    failure_rate: float
    """From 0 to 1."""
    longest_wait: float
    longest_queue: str | None
    runtime_p95: float | None
    """Of the past hour; None where nothing ran."""
    processes: Processes
    counts: Mapping[JobState, int]
    queues: Sequence[QueueFigures]
    """Longest wait first."""
    minutes: Sequence[Minute]
    """The past 60 minutes, oldest first; the last one is still going on."""
    causes: Sequence[Cause]
    """Why jobs failed in the past 24 hours, most frequent first; without what is resolved, snoozed or muted."""
    workers: Sequence[SessionRecord]
    """Living ones."""
    problems: Sequence[str]
    """What workers complain about."""
    warnings: Sequence[str]
    """What the stores warn of."""
    silent: Sequence[Silent] = ()
    """Stores that do not answer; the warnings begin with what these say."""
    settled: int = 0
    """Failed jobs of causes that are resolved, snoozed or muted: nobody needs to look at them."""
    quiet: Sequence[Quiet] = ()
    """Living workers that are silent."""
