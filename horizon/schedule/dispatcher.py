"""Dispatches what schedules have due, each time once, whoever does it and whenever it dies.

1. Ask for schedules that are due, and decide which of their times get a job.
2. Push these jobs. The id of each follows from the schedule's name and the time, and pushing is idempotent by id: whoever
   does the same at the same time, or again after a crash, stores nothing twice.
3. Write the schedule with its next time and its history, where nobody was faster.

Who leads does this, for thrift; two at once do no harm.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Protocol

from horizon.backends.base import Backend
from horizon.backends.schedules import Schedule, ScheduleChange, ScheduleRun
from horizon.backends.values import Pushed, PushStatus
from horizon.core.clock import Micros
from horizon.core.envelope import Edge, Envelope, On
from horizon.core.errors import BackendUnavailable, HorizonError, UnknownDependency
from horizon.core.states import TERMINAL, JobState
from horizon.jobs import failover
from horizon.jobs.transaction import announce
from horizon.schedule.decide import Due, decide
from horizon.timetable import planning
from horizon.timetable.declared import agree, settled
from horizon.timetable.wanted import Declared

STEP = 250
"""Schedules that are dispatched together: all that may be due at a usual moment, so that none waits for the records of others."""
STEPS = 20
"""Steps of one run at the most: the rest is for the next one, at once."""
AGAIN = 5
"""How often a write is tried that somebody else came before."""
WAITING = (JobState.BLOCKED, JobState.PENDING, JobState.SCHEDULED)
log = logging.getLogger("horizon.schedule")


class Scheduling(planning.Settled, Protocol):
    """What is needed of a runtime."""

    schedules: Declared

    def everywhere(self) -> Backend:
        """Every store as one."""


@dataclass(slots=True)
class Turn:
    """One schedule on its way through the steps."""

    schedule: Schedule
    due: Due
    jobs: list[tuple[Micros, str, Envelope]] = field(default_factory=list)
    runs: list[ScheduleRun] = field(default_factory=list)
    stuck: bool = False
    """The store of its jobs does not answer: it stays due."""
    broken: str | None = None
    """Why it cannot come again."""


class Dispatcher:
    """Belongs to the thread that calls it."""

    def __init__(self, runtime: Scheduling, *, prepare: Callable[[], None] = lambda: None) -> None:
        """`prepare` is called before anything is looked up: it imports the modules that define jobs."""
        self.runtime, self._prepare = runtime, prepare
        self._agreed: tuple[object, int] | None = None
        self._troubled: dict[str, str] = {}
        self.stuck = False
        """Whether something stayed due in the latest run, because the store of its jobs does not answer."""

    def agree(self, term: object) -> None:
        """Write what the code says, once in each term of a leader and whenever the code said more."""
        self._prepare()
        declared = self.runtime.schedules
        asked = (term, declared.version)
        if self._agreed == asked:
            return
        with self._around():
            said = settled(declared, self.runtime)
        for name, problem in said.problems.items():
            if self._troubled.get(name) != problem:
                log.error("the schedule %r of the code cannot be used: %s", name, problem)
        self._troubled = dict(said.problems)
        store = self.runtime.backend()
        changes = agree({one.name: one for one in store.schedules.all()}, said, store.now())
        if all(store.schedules.write(changes)):
            self._agreed = asked

    def run(self) -> bool:
        """Dispatch what is due; True where more is left than one run takes. Raises BackendUnavailable."""
        store = self.runtime.backend()
        self.stuck = False
        for _ in range(STEPS):
            due = store.schedules.due(STEP)
            if due:
                self._step(store, due)
            if len(due) < STEP or self.stuck:
                return False
        return True

    def _around(self) -> AbstractContextManager[object]:
        """What the host wants around code of its own, such as constructors of jobs: an app context."""
        return nullcontext() if self.runtime.around is None else self.runtime.around()

    # one step -------------------------------------------------------------------------------------

    def _step(self, store: Backend, due: Sequence[Schedule]) -> None:
        now = store.now()
        with self._around():
            turns = [self._begun(schedule, now) for schedule in due]
        self._push(turns, now)
        self._write(store, turns, now)

    def _begun(self, schedule: Schedule, now: Micros) -> Turn:
        try:
            turn = Turn(schedule, decide(schedule, now))
        except HorizonError as error:  # a time zone that this machine does not know
            nothing = Due(times=(), missed=0, exact=True, next=None)
            refused = _run(now, schedule.due_at, "refused", detail=str(error))
            return Turn(schedule, nothing, runs=[refused], broken=str(error))
        if turn.due.missed:
            count = turn.due.missed
            first = ("the first of them was due then" if count > 1 else None) if turn.due.exact else "or more"
            turn.runs.append(_run(now, schedule.due_at, "missed", count=count, detail=first))
        for at in turn.due.times:
            self._make(turn, at, now)
        return turn

    def _make(self, turn: Turn, at: Micros, now: Micros) -> None:
        schedule = turn.schedule
        try:
            edges = self._behind(turn)
            if edges is None:
                turn.runs.append(_run(now, at, "skipped", detail="one waits already behind the job that runs"))
                return
            connection, envelope = planning.envelope(schedule, self.runtime, planning.job_id(schedule, at), edges)
            turn.jobs.append((at, connection, envelope))
        except BackendUnavailable:
            raise
        except Exception as error:  # user code: a constructor, a unique_id()
            turn.runs.append(_run(now, at, "refused", detail=f"{type(error).__name__}: {error}"))

    def _behind(self, turn: Turn) -> tuple[Edge, ...] | None:
        """With `queue`: what the next job waits for; None where one waits already."""
        if turn.schedule.overlap != "queue":
            return ()
        if turn.jobs:
            return None
        last = turn.schedule.last_job
        found = self.runtime.everywhere().many([last]) if last else []
        if not found or found[0].state in TERMINAL:
            return ()
        return None if found[0].state in WAITING else (Edge(job_id=found[0].id, on=On.ANY),)

    def _push(self, turns: Sequence[Turn], now: Micros) -> None:
        """All jobs of a connection at once; where one of them is refused, each by itself."""
        by_connection: dict[str, list[tuple[Turn, Micros, Envelope]]] = {}
        for turn in turns:
            for at, connection, envelope in turn.jobs:
                by_connection.setdefault(connection, []).append((turn, at, envelope))
        for connection, jobs in by_connection.items():
            try:
                self._push_together(connection, jobs, now)
            except BackendUnavailable as error:
                self._stick([turn for turn, _, _ in jobs], connection, error)
            except HorizonError:
                for one in jobs:
                    self._push_alone(connection, one, now)

    def _push_together(self, connection: str, jobs: Sequence[tuple[Turn, Micros, Envelope]], now: Micros) -> None:
        where, answers = failover.push(self.runtime, self.runtime.way(connection), [envelope for _, _, envelope in jobs])
        for (turn, at, envelope), answer in zip(jobs, answers, strict=True):
            turn.runs.append(_told(now, at, answer))
            if answer.status is PushStatus.CREATED:
                announce(self.runtime, where, envelope)

    def _push_alone(self, connection: str, one: tuple[Turn, Micros, Envelope], now: Micros) -> None:
        turn, at, envelope = one
        try:
            self._push_together(connection, [one], now)
        except UnknownDependency:  # the job before has ended meanwhile
            self._push_alone(connection, (turn, at, replace(envelope, edges=())), now)
        except BackendUnavailable as error:
            self._stick([turn], connection, error)
        except HorizonError as error:
            turn.runs.append(_run(now, at, "refused", detail=str(error)))

    def _stick(self, turns: Sequence[Turn], connection: str, error: BackendUnavailable) -> None:
        """Leave them due: pushed again later, with the same ids, nothing is stored twice."""
        self.stuck = True
        for turn in turns:
            turn.stuck = True
        log.warning("%d schedules wait for the store of connection %r: %s", len(turns), connection, error)

    # the end of a step ----------------------------------------------------------------------------

    def _write(self, store: Backend, turns: Sequence[Turn], now: Micros) -> None:
        able = [turn for turn in turns if not turn.stuck]
        done = store.schedules.write([_change(turn, turn.schedule) for turn in able])
        for turn, written in zip(able, done, strict=True):
            if not written:
                self._write_again(store, turn)

    def _write_again(self, store: Backend, turn: Turn) -> None:
        """Somebody changed it meanwhile: another one who dispatched the same, or a person. What was pushed is told in any case."""
        for _ in range(AGAIN):
            kept = store.schedules.get(turn.schedule.name)
            if kept is None or kept.due_at != turn.schedule.due_at or store.schedules.write([_change(turn, kept)])[0]:
                return
        log.warning("the schedule %r is being changed all the time; its next look tells what it dispatched", turn.schedule.name)


def _change(turn: Turn, kept: Schedule) -> ScheduleChange:
    """The schedule with what became of this turn; pure."""
    pushed = [run for run in turn.runs if run.kind == "pushed"]
    after = planning.at_time(kept, turn.due.next, turn.broken or planning.NEVER)
    after = replace(
        after,
        last_at=pushed[-1].at if pushed else kept.last_at,
        last_job=pushed[-1].job if pushed else kept.last_job,
        missed=kept.missed + turn.due.missed,
    )
    return ScheduleChange(name=kept.name, version=kept.version, schedule=after, runs=tuple(turn.runs))


def _told(now: Micros, at: Micros, answer: Pushed) -> ScheduleRun:
    if answer.status is PushStatus.DUPLICATE:
        return _run(now, at, "skipped", detail=f"job {answer.holder} has not ended")
    return _run(now, at, "pushed", job=answer.id)


def _run(now: Micros, due: Micros, kind: str, *, job: str | None = None, count: int = 1, detail: str | None = None) -> ScheduleRun:
    return ScheduleRun(at=now, due_at=due, kind=kind, job=job, count=count, detail=detail and detail[:500])
