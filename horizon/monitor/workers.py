"""Workers as people see them: hosts, the guardians on them, their executors, and what every slot runs. Pure.

What a guardian reports is JSON that another version may have written: what is not understood is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from horizon.backends.values import SessionRecord
from horizon.core.clock import SECOND, Micros
from horizon.core.scaling import Scale, reported

LOST, ENDED = "lost", "ended"
LATELY = 20
"""Jobs of a worker that are told as begun lately."""
LATEST: Micros = 253_402_300_799 * SECOND
"""The last second of the year 9999: what is later is no date."""


def size_of(session: SessionRecord) -> int:
    """Executors that a worker is meant to have now."""
    scaled = reported(session.report.limits.get("scaled"))
    return session.info.processes if scaled is None else scaled.to


def most(session: SessionRecord) -> int | None:
    """As many as it may be set to while it runs; None where it does not say."""
    said = session.report.limits.get("max_processes")
    return said if isinstance(said, int) and not isinstance(said, bool) else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Running:
    """One job that runs."""

    job: str
    """Its id."""
    since: Micros | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Executor:
    """One process of a worker that runs jobs."""

    pid: int | None
    phase: str
    """`booting`: it loads the app; `ready`; `ended`: it is about to leave."""
    jobs: int
    """How many it has run."""
    memory_kb: int | None
    code_version: str | None
    running: tuple[Running, ...]
    started_at: Micros | None = None
    cpu: int | None = None
    """Share of one processor lately, in percent."""
    last: Running | None = None
    """The job that it began last, which may have ended; None: there was none, or it does not say."""
    recent: tuple[Running, ...] = ()
    """Jobs that it began before that one, as its worker saw them: of many short ones, some."""
    trend: tuple[int, ...] = ()
    """Memory in KiB over its life, the oldest first, `step` seconds apart."""
    step: int = 0
    leaves: bool = False
    """It ends once it has finished what it runs: it is to be replaced, or is one too many."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Worker:
    """One guardian and its executors."""

    session: SessionRecord
    connection: str
    executors: tuple[Executor, ...]
    old: bool = False
    """It runs older code than the newest there is."""

    @property
    def id(self) -> str:
        """Of its session."""
        return self.session.info.id

    @property
    def name(self) -> str:
        """As logs and attempts call it."""
        return f"{self.session.info.host}:{self.session.info.pid}"

    @property
    def state(self) -> str:
        """`starting`, `running`, `paused`, `draining`; `lost` (out of touch) or `ended` where it no longer lives."""
        if self.session.alive:
            return self.session.report.state
        return LOST if lost(self.session) else ENDED

    @property
    def ended_at(self) -> Micros | None:
        """When it ended; for a lost one, when it was last heard of."""
        if self.session.alive:
            return None
        return self.session.renewed_at if lost(self.session) else self.session.ended_at

    @property
    def processes(self) -> int:
        """Executors it is meant to have now."""
        return size_of(self.session)

    @property
    def scaled(self) -> Scale | None:
        """Who set its size while it runs; None: it is as it was started."""
        return reported(self.session.report.limits.get("scaled"))

    @property
    def most(self) -> int | None:
        """As many as it may be set to; None where it is too old to be."""
        return most(self.session)

    @property
    def places(self) -> int:
        """Jobs it can run at a time."""
        return size_of(self.session) * self.session.info.concurrency

    @property
    def busy(self) -> int:
        """Jobs it runs."""
        return sum(len(executor.running) for executor in self.executors)

    @property
    def done(self) -> int:
        """Jobs that its present executors have run."""
        return sum(executor.jobs for executor in self.executors)

    @property
    def last(self) -> Running | None:
        """The job that it began last."""
        return max((one.last for one in self.executors if one.last), key=lambda run: run.since or 0, default=None)

    @property
    def lately(self) -> tuple[Running, ...]:
        """Jobs that it began lately, the latest first, as far as it saw them."""
        found = {run.job: run for one in self.executors for run in (*one.recent, *([one.last] if one.last else []))}
        return tuple(sorted(found.values(), key=lambda run: -(run.since or 0)))[:LATELY]

    @property
    def cpu(self) -> int | None:
        """Share of one processor that its executors take together, in percent; None where none says."""
        said = [executor.cpu for executor in self.executors if executor.cpu is not None]
        return sum(said) if said else None

    @property
    def reserve(self) -> tuple[int, ...]:
        """Floors of the slots that are kept for urgent jobs, the highest first."""
        floors = self.session.report.limits.get("reserve")
        return tuple(floor for floor in floors if isinstance(floor, int)) if isinstance(floors, (list, tuple)) else ()

    @property
    def versions(self) -> tuple[str, ...]:
        """Of the code its executors run; of what it announced where they say nothing."""
        said = dict.fromkeys(executor.code_version for executor in self.executors if executor.code_version)
        announced = self.session.info.code_version
        return tuple(said) or ((announced,) if announced else ())


@dataclass(frozen=True, kw_only=True, slots=True)
class Host:
    """The workers of one machine."""

    name: str
    workers: tuple[Worker, ...]

    @property
    def memory_kb(self) -> int:
        """Of all of them."""
        return sum(worker.session.report.memory_kb or 0 for worker in self.workers)

    @property
    def places(self) -> int:
        """Jobs they can run at a time."""
        return sum(worker.places for worker in self.workers)

    @property
    def busy(self) -> int:
        """Jobs they run."""
        return sum(worker.busy for worker in self.workers)


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """The code of the process that looks: the dashboard's own."""

    version: str | None = None
    since: Micros = 0
    """When it started."""


def lost(session: SessionRecord) -> bool:
    """Whether it went without a word: its lease ran out before it ended."""
    return not session.alive and (session.ended_at is None or session.ended_at >= session.expires_at)


def worker(session: SessionRecord, connection: str, newest: str | None = None) -> Worker:
    """One worker, compared with the newest code."""
    made = Worker(session=session, connection=connection, executors=tuple(_executors(session)))
    old = session.alive and newest is not None and any(version != newest for version in made.versions)
    return Worker(session=session, connection=connection, executors=made.executors, old=old)


def workers(sessions: Iterable[tuple[str, SessionRecord]], here: Code) -> list[Worker]:
    """Every one of these (connection, session), by host and then by age."""
    listed = list(sessions)
    newest = newest_code((session for _, session in listed if session.alive), here)
    made = [worker(session, connection, newest) for connection, session in listed]
    return sorted(made, key=lambda one: (one.session.info.host, one.session.started_at, one.id))


def hosts(found: Sequence[Worker]) -> list[Host]:
    """Workers by machine; they come sorted."""
    return [Host(name=name, workers=tuple(group)) for name, group in groupby(found, key=lambda one: one.session.info.host)]


def newest_code(living: Iterable[SessionRecord], here: Code) -> str | None:
    """The version that showed up last among living workers and this process; None where nobody names one.

    Versions have no order of their own, and a worker of old code may have started later than one of new code; the version
    whose earliest process is the youngest is the latest one that was deployed.
    """
    first: dict[str, Micros] = {}
    for version, at in _sightings(living, here):
        first[version] = min(at, first.get(version, at))
    return max(first, key=lambda version: (first[version], version == here.version)) if first else None


def _sightings(living: Iterable[SessionRecord], here: Code) -> Iterator[tuple[str, Micros]]:
    if here.version:
        yield here.version, here.since
    for session in living:
        announced = session.info.code_version
        if announced:
            yield announced, session.started_at
        for said in session.report.executors:
            loaded = _text(said.get("code_version"))
            # executors that were replaced since have loaded what was deployed meanwhile
            if loaded and loaded != announced:
                yield loaded, session.renewed_at


def _executors(session: SessionRecord) -> Iterator[Executor]:
    for said in session.report.executors:
        yield Executor(
            pid=_whole(said.get("pid")),
            phase=str(said.get("phase") or "ready")[:20],
            jobs=_whole(said.get("jobs")) or 0,
            memory_kb=_whole(said.get("memory_kb")),
            code_version=_text(said.get("code_version")) or session.info.code_version,
            running=tuple(_running(said.get("slots"))),
            started_at=_moment(said.get("started_at")),
            cpu=_whole(said.get("cpu")),
            last=_last(said.get("last")),
            recent=tuple(_recent(said.get("recent"))),
            trend=_figures(said.get("memory")),
            step=_whole(said.get("memory_step")) or 0,
            leaves=said.get("leaves") is True,
        )


def _running(slots: object) -> Iterator[Running]:
    for slot in slots if isinstance(slots, (list, tuple)) else ():
        if isinstance(slot, Mapping) and isinstance(slot.get("job"), str):
            yield Running(job=slot["job"], since=_moment(slot.get("since")))


def _recent(said: object) -> Iterator[Running]:
    found = (_last(one) for one in said[:LATELY]) if isinstance(said, (list, tuple)) else ()
    return (run for run in found if run is not None)


def _last(said: object) -> Running | None:
    if not isinstance(said, Mapping) or not isinstance(said.get("job"), str):
        return None
    return Running(job=said["job"], since=_moment(said.get("at")))


def _figures(said: object) -> tuple[int, ...]:
    return tuple(one for value in said if (one := _whole(value)) is not None) if isinstance(said, (list, tuple)) else ()


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _moment(value: object) -> Micros | None:
    at = _whole(value)
    return at if at is not None and 0 <= at <= LATEST else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
