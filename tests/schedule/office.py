"""An office with schedules: jobs to dispatch, and a runtime around any store."""

from __future__ import annotations

from typing import Any

import pytest

from horizon import Job, ShouldBeUnique, job
from horizon.backends.base import Backend
from horizon.backends.schedules import Schedule, ScheduleChange
from horizon.core.query import JobQuery
from horizon.core.record import Record
from horizon.core.settings import Settings
from horizon.runtime import Runtime
from horizon.schedule.dispatcher import Dispatcher
from horizon.timetable import planning, wanted
from horizon.timetable.wanted import Wanted


class Report(Job):
    queue = "reports"

    def __init__(self, year: int = 2026, style: str = "short") -> None:
        self.year, self.style = year, style

    def handle(self) -> None: ...


class Lone(Job, ShouldBeUnique):
    def unique_id(self) -> str:
        return "lone"

    def handle(self) -> None: ...


class Picky(Job):
    def __init__(self, fine: bool = True) -> None:
        if Picky.cross:
            raise RuntimeError("not today")

    cross = False

    def handle(self) -> None: ...


@job(queue="functions")
def tidy(folder: str) -> None: ...


def runtime(backend: Backend | None = None, **settings: Any) -> Runtime:
    """A runtime; with a store that is there already, around that one."""
    made = Runtime(Settings({f"HORIZON_{key}": value for key, value in settings.items()}, environ={}), url="memory://")
    if backend is not None:
        made._backends["default"] = backend
        made._defined["default"] = made.routing.version
    return made


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No schedule of other modules that this process has loaded; to be imported where an app is asked for its schedules."""
    monkeypatch.setattr(wanted.PROCESS, "_wanted", {})


class Office:
    """One process that dispatches."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.runtime = runtime(backend)
        self.dispatcher = Dispatcher(self.runtime)

    def add(self, target: object = Report, when: object = "every 10s", **more: Any) -> Schedule:
        """Keep a schedule whose first time is to come."""
        made = planning.settle(Wanted(target=target, when=when, **more), self.runtime)
        made = planning.from_now(made, self.backend.now())
        assert self.backend.schedules.write([ScheduleChange(name=made.name, version=0, schedule=made)]) == [True]
        return made

    def kept(self, name: str) -> Schedule:
        """One as it stands."""
        found = self.backend.schedules.get(name)
        assert found is not None
        return found

    def jobs(self, name: str | None = None) -> list[Record]:
        """What was dispatched, in the order of its push."""
        tag = None if name is None else planning.tag_of(name)
        return list(self.backend.find(JobQuery(tag=tag, limit=200)).items)[::-1]

    def history(self, name: str) -> list[str]:
        """The kinds of what happened, oldest first."""
        return [run.kind for run in self.backend.schedules.runs(name)][::-1]
