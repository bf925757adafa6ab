from __future__ import annotations

import asyncio
from typing import Any

import pytest

from horizon import Job, current_job
from horizon.core.errors import JobInterrupted
from horizon.core.outcome import Kind
from horizon.jobs import codec
from horizon.middleware import Middleware
from horizon.runtime import Runtime
from tests.jobs.hands import Hands

STEPS: list[Any] = []


class Poll(Job, name="test-poll"):
    def __init__(self, act: str = "return") -> None:
        self.act = act

    async def handle(self) -> Any:
        await asyncio.sleep(0)
        job = current_job()
        assert job is self
        match self.act:
            case "raise":
                raise ValueError("bad")
            case "hang":
                await asyncio.sleep(60)
            case "timeout error":
                raise TimeoutError("its own")
            case "interrupt":
                raise JobInterrupted
            case "release":
                self.release(5)
        return "polled"


@pytest.fixture(autouse=True)
def _clean() -> None:
    STEPS.clear()


def test_an_async_job_runs_on_a_loop_of_its_own(hands: Hands) -> None:
    Poll.dispatch()
    (prepared,) = hands.prepared()
    assert prepared.is_async
    assert codec.decode_result(prepared.run().result) == "polled"


@pytest.mark.parametrize(
    ("act", "kind"), [("raise", Kind.RETRY), ("interrupt", Kind.RETURNED), ("release", Kind.RELEASED), ("timeout error", Kind.RETRY)]
)
def test_its_ends_are_those_of_any_job(hands: Hands, act: str, kind: Kind) -> None:
    Poll.dispatch(act)
    assert hands.run_one().kind is kind


def test_it_is_stopped_at_its_timeout_by_itself(hands: Hands) -> None:
    Poll("hang").with_timeout(0.05).dispatch()
    outcome = hands.run_one()
    assert outcome.kind is Kind.RETRY
    assert outcome.error.type == "horizon.core.errors.JobTimeout"  # type: ignore[union-attr]
    assert "timeout of 0.05 s" in outcome.error.message  # type: ignore[union-attr]


def test_a_timeout_error_of_its_own_is_not_taken_for_ours(hands: Hands) -> None:
    Poll.dispatch("timeout error")
    assert hands.run_one().error.message == "its own"  # type: ignore[union-attr]


def test_many_run_side_by_side_on_one_loop_each_seeing_itself(hands: Hands) -> None:
    Poll.dispatch_many([()] * 10)

    async def all_of_them() -> list[Any]:
        return await asyncio.gather(*(prepared.arun() for prepared in hands.prepared()))

    outcomes = asyncio.run(all_of_them())
    assert [outcome.kind for outcome in outcomes] == [Kind.COMPLETED] * 10


def test_a_cancelled_task_is_an_interruption_where_announced_and_else_the_jobs_own_failure(hands: Hands) -> None:
    Poll.dispatch_many([("hang",), ("hang",), ("hang",)])
    first, second, third = hands.prepared()

    async def cancel() -> list[Any]:
        tasks = [asyncio.ensure_future(one.arun()) for one in (first, second, third)]
        await asyncio.sleep(0.01)
        first.interrupt()
        second.cancel("by ana")
        for task in tasks:
            task.cancel()
        return list(await asyncio.gather(*tasks))

    one, two, three = asyncio.run(cancel())
    assert (one.kind, one.reason) == (Kind.RETURNED, "interrupted")
    assert (two.kind, two.reason) == (Kind.CANCELLED, "by ana")
    assert (three.kind, three.error.type) == (Kind.RETRY, "asyncio.exceptions.CancelledError")


class Around(Middleware):
    async def ahandle(self, job: Any, next: Any) -> Any:
        STEPS.append("before")
        result = await next(job)
        STEPS.append("after")
        return result


def simple(job: Any, next: Any) -> Any:
    STEPS.append("simple")
    return next(job)


class Wrapped(Job, name="test-wrapped-async"):
    def __init__(self) -> None:
        self.middleware = [Around(), simple]

    async def handle(self) -> str:
        await asyncio.sleep(0)
        STEPS.append("work")
        return "done"

    async def failed(self, exception: Exception) -> None:
        STEPS.append("failed")


def test_middleware_goes_around_the_awaiting(hands: Hands) -> None:
    Wrapped.dispatch()
    assert codec.decode_result(hands.run_one().result) == "done"
    assert STEPS == ["before", "simple", "work", "after"]


def test_the_hook_of_an_async_job_runs_on_the_same_loop(here: Runtime, hands: Hands) -> None:
    class Doomed(Job, name="test-doomed-async"):
        async def handle(self) -> None:
            STEPS.append(asyncio.get_running_loop())
            raise ValueError("x")

        async def failed(self, exception: Exception) -> None:
            STEPS.append(asyncio.get_running_loop())

    Doomed().with_tries(1).dispatch()
    (prepared,) = hands.prepared()
    assert asyncio.run(prepared.arun()).kind is Kind.FAILED
    assert STEPS[0] is STEPS[1]


def test_the_hook_is_called_in_the_executors_own_thread_too(hands: Hands) -> None:
    class Lonely(Job, name="test-lonely-async"):
        async def handle(self) -> None:
            raise ValueError("x")

        async def failed(self, exception: Exception) -> None:
            STEPS.append(str(exception))

    Lonely().with_tries(1).dispatch()
    assert hands.run_one().kind is Kind.FAILED
    assert STEPS == ["x"]
