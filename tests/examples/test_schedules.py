"""The schedules of the public interface, run as they stand."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator

import pytest

from horizon import Priority
from horizon.backends.connect import connect
from horizon.backends.values import StoreOptions
from horizon.core.clock import SECOND, ManualClock, to_datetime
from horizon.core.query import JobQuery
from horizon.runtime import Runtime
from horizon.schedule.dispatcher import Dispatcher
from horizon.timetable import wanted
from tests.schedule.office import runtime

START = 1_767_225_600
"""A Thursday, at midnight."""


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START * SECOND)


@pytest.fixture
def here(clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runtime]:
    monkeypatch.setattr(wanted.PROCESS, "_wanted", {})
    made = runtime(connect("memory://", StoreOptions(clock=clock)))
    yield made
    made.close()


def test_schedules(here: Runtime, clock: ManualClock) -> None:
    sys.modules.pop("tests.examples.schedules", None)
    page = importlib.import_module("tests.examples.schedules")
    dispatcher = Dispatcher(here)
    dispatcher.agree(1)
    for days in (1, 4):
        clock.at = (START + days * 86_400 + 2 * 3600) * SECOND
        dispatcher.run()
    jobs = here.backend().find(JobQuery(limit=20)).items
    assert sorted(job.name for job in jobs) == ["app.jobs:DailyReport"] * 2 + ["process-data"] * 2 + [f"{page.__name__}:WeeklyCleanup"]
    (monday,) = [job for job in jobs if job.name.endswith("WeeklyCleanup")]
    assert f"{to_datetime(monday.created_at):%A}" == "Monday"
    six_hourly = here.backend().get(next(job.id for job in jobs if job.name == "process-data"))
    assert six_hourly is not None
    assert (six_hourly.priority, six_hourly.timeout) == (Priority.HIGH, 3600 * SECOND)
