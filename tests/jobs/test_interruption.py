"""A signal handler may raise between any two lines while user code runs; whatever line it is, `run()` answers."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest

from horizon import Job
from horizon.core.errors import JobInterrupted, JobTimeout
from horizon.core.outcome import Kind, Outcome
from horizon.jobs.prepared import Prepared
from horizon.runtime import Runtime
from tests.jobs.hands import Hands

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # generators closed while struck
ENDED: list[Exception] = []


class Works(Job, name="test-interrupted-work"):
    middleware = [lambda job, next: next(job)]

    def handle(self) -> str:
        self.log("one")
        self.progress(50)
        return "done"


class Breaks(Job, name="test-interrupted-failure"):
    backoff = lambda attempt, error: 3  # noqa: E731

    def __init__(self, tries: int) -> None:
        self.tries = tries

    def handle(self) -> None:
        raise ValueError("x")

    def failed(self, exception: Exception) -> None:
        ENDED.append(exception)


def strike(prepared: Prepared, line: int, error: type[BaseException]) -> tuple[Outcome, bool]:
    """Run, raising `error` at the given line among those that run while user code is marked; whether it came so far.

    Lines that hold a lock are left out: a tracer may strike between the end of a `with` block and its `__exit__`, where
    the interpreter never handles a signal. It strikes as well where an exception is being taken off the thread (CPython
    3.11 then keeps it, and every later error of that thread names it as its context): each strike has a thread of its own.
    """
    seen, struck = 0, False

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal seen, struck
        if event == "line" and not frame.f_code.co_filename.endswith("running.py") and prepared.in_user_code and not struck:
            seen += 1
            if seen > line:
                struck = True
                raise error
        return trace

    def traced() -> Outcome:
        sys.settrace(trace)
        try:
            return prepared.run()
        finally:
            sys.settrace(None)

    with ThreadPoolExecutor(1) as thread:
        outcome = thread.submit(traced).result()
    return outcome, struck


@contextmanager
def host() -> Iterator[None]:
    try:
        yield
    finally:
        ENDED.copy()


@pytest.mark.parametrize(
    ("error", "kinds"), [(JobTimeout, {Kind.RETRY, Kind.COMPLETED}), (JobInterrupted, {Kind.RETURNED, Kind.COMPLETED})]
)
def test_a_job_that_works_is_stopped_cleanly_at_every_line(
    here: Runtime, hands: Hands, error: type[BaseException], kinds: set[Kind]
) -> None:
    here.around = host
    Works.dispatch()
    (reservation,) = hands.reserve()
    line, more = 0, True
    while more:
        prepared = hands.attempts.prepare(reservation)
        outcome, more = strike(prepared, line, error)
        assert outcome.kind in kinds
        assert not prepared.in_user_code
        line += 1
    assert line > 20
    assert outcome.kind is Kind.COMPLETED


@pytest.mark.parametrize("error", [JobTimeout, JobInterrupted])
@pytest.mark.parametrize("tries", [1, 3])
def test_a_job_that_fails_is_stopped_cleanly_at_every_line(here: Runtime, hands: Hands, error: type[BaseException], tries: int) -> None:
    here.around = host
    Breaks(tries).with_tries(tries).dispatch()
    (reservation,) = hands.reserve()
    line, more = 0, True
    while more:
        ENDED.clear()
        prepared = hands.attempts.prepare(reservation)
        outcome, more = strike(prepared, line, error)
        assert outcome.kind in {Kind.FAILED if tries == 1 else Kind.RETRY, Kind.RETURNED}
        assert not prepared.in_user_code
        line += 1
    assert line > 10
    assert outcome.kind is (Kind.FAILED if tries == 1 else Kind.RETRY)
