from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest

from horizon import Job, current_job
from horizon.core.errors import HorizonError
from horizon.core.settings import Settings
from horizon.jobs import after_response
from horizon.jobs.after_response import run_after_response, schedule_with
from horizon.runtime import Runtime
from tests.jobs.sample import Call, SendEmail, bare, fetch, make_report

STEPS: list[Any] = []


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(after_response, "_schedulers", [])
    STEPS.clear()
    Call.acts.clear()
    Call.ended.clear()


def simple(job: Any, next: Callable[[Any], Any]) -> Any:
    STEPS.append("in")
    result = next(job)
    STEPS.append("out")
    return result


class Wrapped(Job, name="test-wrapped"):
    middleware = [simple]

    def __init__(self, value: int) -> None:
        self.value = value

    def handle(self) -> Any:
        STEPS.append((self.attempts, self.job_id is not None, current_job() is self))
        return self.value


class Async(Job, name="test-async-inline"):
    async def handle(self) -> str:
        await asyncio.sleep(0)
        return "done"


def test_dispatch_now_runs_through_the_middleware_and_returns_what_handle_returns() -> None:
    assert Wrapped.dispatch_now(5) == 5
    assert STEPS == ["in", (1, True, True), "out"]
    assert current_job() is None


def test_dispatch_now_runs_where_it_is_unclear_whose_middleware_it_would_be() -> None:
    apps = [Runtime(Settings({}, environ={}), url="memory://") for _ in range(2)]
    assert Wrapped.dispatch_now(5) == 5
    for app in apps:
        app.close()


def test_dispatch_now_needs_neither_an_app_nor_storable_arguments() -> None:
    thing = object()
    Call.acts["it"] = lambda job: thing
    assert Call.dispatch_now("it") is thing
    assert SendEmail.dispatch_now("a") == "sent to a"


def test_an_exception_passes_after_failed_was_called() -> None:
    def fail(job: Any) -> None:
        raise ValueError("bad")

    Call.acts["it"] = fail
    with pytest.raises(ValueError, match="bad"):
        Call.dispatch_now("it")
    assert [str(error) for error in Call.ended] == ["bad"]


def test_a_job_that_fails_itself_raises_what_it_gave() -> None:
    Call.acts["it"] = lambda job: job.fail(KeyError("gone"))
    with pytest.raises(KeyError):
        Call.dispatch_now("it")
    assert len(Call.ended) == 1


def test_an_async_job_is_awaited_and_refused_inside_a_loop() -> None:
    assert Async.dispatch_now() == "done"
    assert fetch.dispatch_now(3) == 6

    async def inside() -> None:
        Async.dispatch_now()

    with pytest.raises(HorizonError, match="inside a running event loop"):
        asyncio.run(inside())


def test_a_function_called_inside_a_job_is_part_of_that_job() -> None:
    Call.acts["it"] = lambda job: (bare(1), current_job() is job)
    assert Call.dispatch_now("it") == (2, True)
    assert make_report.dispatch_now(2026)["year"] == 2026


def test_the_state_of_a_run_is_gone_after_it() -> None:
    job = Wrapped(1)
    from horizon.jobs.inline import run_here

    run_here(job)
    assert (job.attempts, job.job_id) == (0, None)


# after the response ---------------------------------------------------------------------------------


def test_without_a_request_it_runs_at_once() -> None:
    Wrapped.dispatch_after_response(1)
    assert STEPS[0] == "in"


def test_with_a_request_it_runs_when_the_scheduler_says_so() -> None:
    tasks: list[Callable[[], None]] = []
    schedule_with(lambda task: tasks.append(task) is None)
    Wrapped.dispatch_after_response(1)
    make_report.dispatch_after_response(1)
    assert STEPS == []
    for task in tasks:
        task()
    assert len(tasks) == 2
    assert STEPS[0] == "in"


def test_a_scheduler_without_a_request_leaves_it_to_the_next() -> None:
    asked: list[str] = []
    schedule_with(lambda task: asked.append("first") is not None)
    schedule_with(lambda task: asked.append("second") is not None)
    run_after_response(Wrapped(1))
    assert asked == ["second", "first"]
    assert STEPS[0] == "in"


def test_what_it_raises_is_logged_and_reaches_nobody(caplog: pytest.LogCaptureFixture) -> None:
    def fail(job: Any) -> None:
        raise ValueError("bad")

    Call.acts["it"] = fail
    with caplog.at_level(logging.ERROR):
        Call.dispatch_after_response("it")
    assert "ran after the response, failed" in caplog.text
