from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from horizon import Job
from horizon.core.outcome import Kind
from horizon.middleware import FailOnException, LoggingMiddleware, Middleware, MiddlewareStack, Skip, TimingMiddleware
from tests.jobs.hands import Hands, runtime

STEPS: list[str] = []


@pytest.fixture(autouse=True)
def _clean() -> None:
    STEPS.clear()


@pytest.fixture
def hands() -> Any:
    from horizon.core import current

    here = runtime()
    with current.use(here):
        yield Hands(here)


class Step(Middleware):
    def __init__(self, name: str) -> None:
        self.name = name

    def handle(self, job: Any, next: Any) -> Any:
        STEPS.append(f"{self.name} in")
        result = next(job)
        STEPS.append(f"{self.name} out")
        return f"{self.name}({result})"


class Within(Job, name="test-within"):
    stack: list[Any] = []
    error: Exception | None = None

    def __init__(self) -> None:
        self.middleware = MiddlewareStack(Within.stack)

    def handle(self) -> str:
        STEPS.append("work")
        if Within.error is not None:
            raise Within.error
        return "done"


class AsyncWithin(Job, name="test-async-within"):
    stack: list[Any] = []
    error: Exception | None = None

    def __init__(self) -> None:
        self.middleware = AsyncWithin.stack

    async def handle(self) -> str:
        await asyncio.sleep(0)
        STEPS.append("work")
        if AsyncWithin.error is not None:
            raise AsyncWithin.error
        return "done"


def run(hands: Hands, *stack: Any, error: Exception | None = None, cls: Any = Within) -> Any:
    cls.stack, cls.error = list(stack), error
    cls().with_tries(3).dispatch()
    return hands.run_one()


def test_the_first_is_the_outermost_and_results_pass_through(hands: Hands) -> None:
    outcome = run(hands, Step("a"), Step("b"))
    assert STEPS == ["a in", "b in", "work", "b out", "a out"]
    assert outcome.result == b'{"result":"a(b(done))"}'


def test_a_callable_and_any_object_with_handle_are_middleware_too(hands: Hands) -> None:
    class Plain:
        def handle(self, job: Any, next: Any) -> Any:
            STEPS.append("plain")
            return next(job)

    def function(job: Any, next: Any) -> Any:
        STEPS.append("function")
        return next(job)

    run(hands, Plain(), function)
    assert STEPS == ["plain", "function", "work"]


def test_one_that_does_not_call_on_skips_the_job(hands: Hands) -> None:
    outcome = run(hands, lambda job, next: "instead")
    assert STEPS == []
    assert (outcome.kind, outcome.result) == (Kind.COMPLETED, b'{"result":"instead"}')


def test_a_stack_takes_only_middleware() -> None:
    stack = MiddlewareStack()
    assert stack.add(Step("a")).add(lambda job, next: next(job)) is stack
    assert len(stack) == 2
    for wrong in (Step, 3, "x", None):
        with pytest.raises(TypeError, match="a middleware is"):
            stack.add(wrong)


def test_a_stack_that_grew_after_it_was_set_counts_whole(hands: Hands) -> None:
    class Growing(Job, name="test-growing"):
        def __init__(self) -> None:
            self.middleware = MiddlewareStack()
            self.middleware.add(Step("late"))

        def handle(self) -> None: ...

    Growing.dispatch()
    hands.run()
    assert STEPS == ["late in", "late out"]


@pytest.mark.parametrize("cls", [Within, AsyncWithin])
def test_logging_says_when_it_started_and_how_it_ended(hands: Hands, caplog: pytest.LogCaptureFixture, cls: Any) -> None:
    with caplog.at_level(logging.INFO):
        run(hands, LoggingMiddleware(), cls=cls)
        run(hands, LoggingMiddleware(), error=ValueError("x"), cls=cls)
    texts = [record.getMessage() for record in caplog.records if record.name == "horizon.jobs.run"]
    assert texts[0] == f"{cls.__name__} started (try 1)"
    assert texts[1].startswith(f"{cls.__name__} ended after")
    assert texts[3].startswith(f"{cls.__name__} raised ValueError after")


@pytest.mark.parametrize("cls", [Within, AsyncWithin])
def test_timing_reports_and_warns(hands: Hands, caplog: pytest.LogCaptureFixture, cls: Any) -> None:
    reported: list[tuple[str, float]] = []
    run(hands, TimingMiddleware(slow=0, report=lambda job, seconds: reported.append((type(job).__name__, seconds))), cls=cls)
    run(hands, TimingMiddleware(slow=1000), cls=cls)
    assert [name for name, _ in reported] == [cls.__name__]
    assert caplog.text.count("which is more than 0 s") == 1


def test_a_report_that_raises_does_not_touch_the_job(hands: Hands, caplog: pytest.LogCaptureFixture) -> None:
    assert run(hands, TimingMiddleware(report=lambda job, seconds: 1 / 0)).kind is Kind.COMPLETED
    assert "report callback" in caplog.text


@pytest.mark.parametrize(
    ("skip", "runs"),
    [(Skip(True), False), (Skip(False), True), (Skip(lambda job: isinstance(job, Within)), False), (Skip.when(True), False), (Skip.unless(True), True), (Skip.unless(lambda job: False), False)],
)  # fmt: skip
def test_skip_ends_the_job_as_cancelled(hands: Hands, skip: Skip, runs: bool) -> None:
    outcome = run(hands, skip)
    assert (outcome.kind is Kind.COMPLETED) is runs
    assert (STEPS == ["work"]) is runs
    if not runs:
        assert outcome.kind is Kind.CANCELLED


@pytest.mark.parametrize("cls", [Within, AsyncWithin])
@pytest.mark.parametrize("wanted", [ValueError, (KeyError, ValueError), [ValueError], lambda error: "bad" in str(error)])
def test_fail_on_exception_leaves_no_further_try(hands: Hands, cls: Any, wanted: Any) -> None:
    assert run(hands, FailOnException(wanted), error=ValueError("bad"), cls=cls).kind is Kind.FAILED
    assert run(hands, FailOnException(wanted), error=OSError("down"), cls=cls).kind is Kind.RETRY
    assert run(hands, FailOnException(wanted), cls=cls).kind is Kind.COMPLETED


def test_middleware_of_the_class_is_that_of_every_job(hands: Hands) -> None:
    class Classy(Job, name="test-classy"):
        middleware = [Step("class")]

        def handle(self) -> None: ...

    Classy.dispatch()
    hands.run()
    assert STEPS == ["class in", "class out"]


def test_skip_works_for_async_jobs(hands: Hands) -> None:
    assert run(hands, Skip(True), cls=AsyncWithin).kind is Kind.CANCELLED
    assert STEPS == []


def test_a_stack_shows_what_is_in_it() -> None:
    assert repr(MiddlewareStack([print])).startswith("MiddlewareStack(")
