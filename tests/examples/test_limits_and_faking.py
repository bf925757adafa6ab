"""The examples of limits and of tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from horizon.core.states import JobState
from horizon.runtime import Runtime
from horizon.testing import freeze, work_all
from tests.examples.test_examples import example
from tests.examples.test_examples import here as here


def test_limits(here: Runtime) -> None:
    page = example("limits")
    *_, eleventh, _ = page.EmailJob.dispatch_many([("ana",)] * 11 + [("bob",)])
    with freeze():
        ran = work_all()
    assert (page.sent.count("ana"), page.sent.count("bob")) == (10, 1)
    assert {(one.outcome, one.attempt) for one in ran} == {("completed", 1)}
    waits = eleventh.record()
    assert (waits.state, waits.attempts, waits.waits_for_limit) == (JobState.SCHEDULED, 0, waits.limits[-1])
    assert waits.limits[-1].endswith("EmailJob user:ana")
    page.ProcessDataJob.dispatch()
    work_all().assert_completed(1)
    limits = {name: said.rate_limit for name, said in here.routing.queues().items()}
    assert str(limits["high-priority"]) == "100 times in 60 s"
    assert str(here.routing.limit("emails")) == "1,000 times in 1 h"
    page.QueueStatsCommand().handle()
    assert page.told == ["Queue: default", "Pending: 0", "Processing: 0", "Failed: 0"]


def test_faking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = example("faking")
    page.test_job_dispatching()
    page.test_the_other_way()
