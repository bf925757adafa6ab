from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from horizon import Exponential, Job
from horizon.core.clock import SECOND, now
from horizon.core.errors import JobTimeout
from horizon.core.outcome import Kind
from tests.jobs.acting import fail
from tests.jobs.hands import Hands
from tests.jobs.sample import Call

# retries by class of exception ----------------------------------------------------------------------


class Picky(Job, name="test-picky"):
    retry_on = (ConnectionError, ValueError)
    dont_retry_on = UnicodeError
    ended: list[Exception] = []

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def handle(self) -> None:
        raise {"value": ValueError("x"), "unicode": UnicodeError("x"), "key": KeyError("x"), "timeout": JobTimeout("x")}[self.kind]

    def failed(self, exception: Exception) -> None:
        Picky.ended.append(exception)


@pytest.mark.parametrize(
    ("kind", "ends"), [("value", Kind.RETRY), ("unicode", Kind.FAILED), ("key", Kind.FAILED), ("timeout", Kind.FAILED)]
)
def test_only_wanted_exceptions_are_retried(hands: Hands, kind: str, ends: Kind) -> None:
    Picky(kind).with_tries(5).dispatch()
    outcome = hands.run_one()
    assert outcome.kind is ends
    assert outcome.reason == (None if ends is Kind.RETRY else "an exception that is not retried")


def test_a_kill_for_the_timeout_follows_the_same_lists(hands: Hands) -> None:
    Picky("value").with_tries(5).dispatch()
    (prepared,) = hands.prepared()
    assert prepared.retry_delay_us is None


class Until(Job, name="test-until"):
    retry_until = timedelta(seconds=100)
    backoff = 60

    def handle(self) -> None:
        raise ValueError("x")


def test_a_limit_in_time_takes_the_place_of_a_limit_in_tries(hands: Hands) -> None:
    Until.dispatch()
    (reservation,) = hands.reserve()
    assert reservation.max_tries == 10_000
    assert reservation.retry_until is not None
    assert hands.attempts.prepare(replace(reservation, attempt=500)).run().kind is Kind.RETRY
    near_the_end = replace(reservation, retry_until=now() + 30 * SECOND)
    outcome = hands.attempts.prepare(near_the_end).run()
    assert (outcome.kind, outcome.reason) == (Kind.FAILED, "its time for retries is over")


def test_a_retry_that_comes_after_the_limit_is_not_begun(hands: Hands) -> None:
    Until.dispatch()
    (reservation,) = hands.reserve()
    late = replace(reservation, attempt=2, retry_until=now() - SECOND)
    ready = hands.attempts.prepare(late).ready
    assert ready is not None
    assert (ready.kind, ready.started) == (Kind.FAILED, False)
    assert hands.attempts.prepare(replace(late, attempt=1)).ready is None


def test_retry_until_may_be_asked_of_the_job(hands: Hands) -> None:
    class Asked(Job, name="test-asked"):
        def __init__(self, seconds: int) -> None:
            self.seconds = seconds

        def retry_until(self) -> Any:  # type: ignore[override]
            return timedelta(seconds=self.seconds)

        def handle(self) -> None: ...

    Asked.dispatch(50)
    (reservation,) = hands.reserve()
    assert 0 < reservation.retry_until - now() <= 50 * SECOND  # type: ignore[operator]


# callable backoffs ----------------------------------------------------------------------------------


class Method(Job, name="test-backoff-method"):
    def __init__(self, base: int) -> None:
        self.base = base

    def backoff(self, attempt: int, error: Exception) -> float:  # type: ignore[override]
        return self.base * attempt + len(str(error))

    def handle(self) -> None:
        raise ValueError("xxx")


class Lambda(Job, name="test-backoff-lambda"):
    backoff = lambda attempt, error: attempt * 11  # noqa: E731

    def handle(self) -> None:
        raise ValueError("x")


class Broken(Job, name="test-backoff-broken"):
    backoff = lambda attempt: "soon"  # noqa: E731

    def handle(self) -> None:
        raise ValueError("x")


class OnInstance(Job, name="test-backoff-instance"):
    def __init__(self) -> None:
        self.backoff = lambda attempt, error: 77

    def handle(self) -> None:
        raise ValueError("x")


def test_a_callable_backoff_is_asked_in_the_worker(hands: Hands) -> None:
    for job, delay in ((Method(10), 13), (Lambda(), 11), (OnInstance(), 77)):
        job.dispatch()
        assert hands.run_one().delay == delay * SECOND


def test_a_backoff_that_came_with_the_job_wins_over_a_callable_of_the_class(hands: Hands) -> None:
    Lambda().with_backoff(5).dispatch()
    assert hands.run_one().delay == 5 * SECOND


def test_a_callable_backoff_that_fails_is_replaced_by_the_default(hands: Hands, caplog: pytest.LogCaptureFixture) -> None:
    Broken.dispatch()
    assert 1_500_000 <= hands.run_one().delay <= 3_000_000
    assert "backoff of test-backoff-broken raised" in caplog.text


def test_exponential_backoff_grows_to_its_cap(hands: Hands) -> None:
    Call.acts["it"] = fail
    Call("it").with_tries(99).with_backoff(Exponential(base=2, factor=3, cap=50, jitter=0)).dispatch()
    (reservation,) = hands.reserve()
    delays = [hands.attempts.prepare(replace(reservation, attempt=attempt)).run().delay for attempt in (1, 2, 3, 4, 90)]
    assert delays == [2 * SECOND, 6 * SECOND, 18 * SECOND, 50 * SECOND, 50 * SECOND]
