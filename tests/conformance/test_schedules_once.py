"""Exactly one job for each due time: with dispatchers that race, die between their steps, and people who pause, on every store."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from horizon.backends.base import Backend
from horizon.backends.schedules import ScheduleChange
from horizon.core.clock import SECOND, ManualClock
from horizon.timetable import planning
from tests.conformance.conftest import Opener
from tests.conformance.driver import open_store
from tests.schedule.office import Office

EVERY = 10 * SECOND


class Killed(BaseException):
    """The process is gone."""


def before_write(office: Office, act: Callable[[], object]) -> Callable[[], None]:
    """Let the next write of this dispatcher be preceded by something; returns a way to end that."""
    schedules = office.backend.schedules
    genuine = schedules.write

    def write(changes: Any) -> Any:
        del schedules.write  # type: ignore[method-assign]
        act()
        return genuine(changes)

    schedules.write = write  # type: ignore[method-assign]
    return lambda: schedules.__dict__.pop("write", None)


def kill() -> None:
    raise Killed


ACTS = st.lists(
    st.sampled_from(["wait", "wait", "run", "run", "die before the push", "die before the write", "race", "pause", "resume"]),
    min_size=4,
    max_size=14,
)


class Walk:
    """Does what is told to a store and, beside it, to a model of plain sets."""

    def __init__(self, backend: Backend, clock: ManualClock) -> None:
        self.clock = clock
        self.one, self.other = Office(backend), Office(backend)
        self.next_due = self.one.add(when="every 10s", name="tick", misfire="all", most=100).due_at
        self.owed: set[str] = set()
        self.paused = False

    def step(self, act: str) -> None:
        if act == "wait":
            self.clock.advance(17)
        elif act in ("pause", "resume"):
            self.rest(act == "pause")
        else:
            due = [] if self.paused else list(range(self.next_due, self.clock.at + 1, EVERY))
            self.run(act)
            if act != "die before the push":
                self.owed |= {planning.job_id(self.one.kept("tick"), at) for at in due}
            if due and not act.startswith("die"):
                self.next_due = due[-1] + EVERY

    def run(self, act: str) -> None:
        if act == "die before the push":
            return  # what it had read and decided dies with it
        undo: Callable[[], Any] = lambda: None  # noqa: E731
        if act == "race":
            undo = before_write(self.one, self.other.dispatcher.run)
        if act == "die before the write":
            undo = before_write(self.one, kill)
        try:
            self.one.dispatcher.run()
        except Killed:
            pass
        finally:
            undo()

    def rest(self, paused: bool) -> None:
        kept = replace(self.one.kept("tick"), paused=paused)
        if self.paused and not paused:
            kept = planning.from_now(kept, self.clock.at)
            self.next_due = kept.due_at
        self.one.backend.schedules.write([ScheduleChange(name="tick", version=kept.version, schedule=kept)])
        self.paused = paused

    def check(self) -> None:
        jobs = [job.id for job in self.one.jobs()]
        assert len(jobs) == len(set(jobs))
        assert set(jobs) == self.owed
        told = [run.job for run in self.one.backend.schedules.runs("tick") if run.kind == "pushed"]
        assert len(told) == len(set(told))
        assert set(told) <= self.owed


def test_whatever_dies_or_races_each_time_gets_one_job(kind: str, tmp_path: Path) -> None:
    examples = 30 if kind == "memory" else 3

    @settings(max_examples=examples, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(acts=ACTS)
    def walk(acts: list[str]) -> None:
        clock = ManualClock()
        backend = open_store(kind, tmp_path, clock)
        try:
            walked = Walk(backend, clock)
            for act in acts:
                walked.step(act)
            walked.step("run")
            walked.check()
        finally:
            backend.close()

    walk()


def test_many_who_dispatch_at_once_make_one_job_for_each_time(open_driver: Opener, clock: ManualClock) -> None:
    backend = open_driver().backend
    offices = [Office(backend) for _ in range(4)]
    for number in range(20):
        offices[0].add(name=f"s{number}", overlap="skip" if number % 2 else "allow")
    clock.advance(10)
    with ThreadPoolExecutor(len(offices)) as pool:
        assert list(pool.map(lambda office: office.dispatcher.run(), offices)) == [False] * 4
    assert sorted(tag for job in offices[0].jobs() for tag in job.tags) == sorted(f"schedule:s{number}" for number in range(20))
    assert [offices[0].history(f"s{number}") for number in range(20)] == [["pushed"]] * 20


@pytest.mark.parametrize("paused_first", [True, False], ids=["before the push", "between push and write"])
def test_a_pause_in_the_middle_loses_no_word_of_what_was_dispatched(open_driver: Opener, clock: ManualClock, paused_first: bool) -> None:
    office = Office(open_driver().backend)
    office.add(name="tick")
    clock.advance(10)

    def pause() -> None:
        kept = replace(office.kept("tick"), paused=True)
        office.backend.schedules.write([ScheduleChange(name="tick", version=kept.version, schedule=kept)])

    if paused_first:
        pause()
    else:
        before_write(office, pause)
    office.dispatcher.run()
    assert (len(office.jobs()), office.history("tick"), office.kept("tick").paused) == (
        0 if paused_first else 1,
        [] if paused_first else ["pushed"],
        True,
    )
