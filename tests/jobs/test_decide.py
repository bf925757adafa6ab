"""Pure decisions, checked for every combination of what they are told."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from horizon.core.clock import SECOND
from horizon.jobs import decide
from horizon.jobs.decide import Again, Over

attempts = st.integers(1, 50)
tries = st.none() | st.integers(1, 50)
times = st.integers(0, 10**15)
delays = st.integers(0, 10**10)


@given(attempts, tries, times, delays, st.none() | times, st.booleans())
def test_another_try_is_given_exactly_where_tries_time_and_the_exceptions_class_allow(
    attempt: int, max_tries: int | None, now: int, delay: int, until: int | None, wanted: bool
) -> None:
    verdict = decide.after_failure(attempt=attempt, max_tries=max_tries, now=now, delay=delay, retry_until=until, wanted=wanted)
    allowed = wanted and (max_tries is None or attempt < max_tries) and (until is None or now + delay <= until)
    assert verdict == Again(delay) if allowed else isinstance(verdict, Over)


@given(tries.filter(lambda n: n is not None), delays)
def test_a_job_that_always_fails_runs_as_often_as_it_may_and_no_more(max_tries: int, delay: int) -> None:
    runs, verdict = 0, Again(0)
    while isinstance(verdict, Again):
        runs += 1
        verdict = decide.after_failure(attempt=runs, max_tries=max_tries, now=0, delay=delay, retry_until=None)  # type: ignore[assignment]
    assert runs == max_tries


@given(attempts, tries, delays)
def test_a_release_costs_a_try(attempt: int, max_tries: int | None, delay: int) -> None:
    verdict = decide.after_release(attempt=attempt, max_tries=max_tries, delay=delay)
    assert isinstance(verdict, Over) == (max_tries is not None and attempt >= max_tries)


def test_every_end_has_a_reason_in_words() -> None:
    for verdict in (
        decide.after_failure(attempt=1, max_tries=1, now=0, delay=0, retry_until=None),
        decide.after_failure(attempt=3, max_tries=3, now=0, delay=0, retry_until=None),
        decide.after_failure(attempt=1, max_tries=9, now=9, delay=0, retry_until=5),
        decide.after_failure(attempt=1, max_tries=9, now=0, delay=0, retry_until=None, wanted=False),
        decide.after_release(attempt=1, max_tries=1, delay=0),
    ):
        assert isinstance(verdict, Over)
        assert len(verdict.reason) > 5


class Own(Exception): ...


class Child(Own): ...


def test_retry_on_and_dont_retry_on_look_at_the_class_of_the_exception() -> None:
    assert decide.wanted(Own(), None, None)
    assert decide.wanted(Child(), (Own,), None)
    assert not decide.wanted(ValueError(), (Own,), None)
    assert not decide.wanted(Child(), None, (Own,))
    assert not decide.wanted(Child(), (Own,), (Child,))
    assert decide.wanted(Own(), (Own,), (Child,))


@given(now=times, age=delays, known_for=delays, patience=delays)
def test_an_unknown_class_is_failed_only_when_both_the_job_and_the_acquaintance_are_older_than_the_patience(
    now: int, age: int, known_for: int, patience: int
) -> None:
    verdict = decide.unknown(now=now, created_at=now - age, first_seen=now - known_for, patience=patience)
    assert isinstance(verdict, Over) == (min(age, known_for) >= patience)


@given(patience=st.integers(0, 10**12))
def test_it_comes_back_neither_at_once_nor_too_late(patience: int) -> None:
    verdict = decide.unknown(now=0, created_at=0, first_seen=0, patience=patience + 1)
    assert isinstance(verdict, Again)
    assert SECOND // 2 <= verdict.delay <= 30 * SECOND


def test_a_job_from_the_future_does_not_wait_longer_for_it() -> None:
    assert isinstance(decide.unknown(now=100, created_at=10**9, first_seen=0, patience=100), Again)
    assert isinstance(decide.unknown(now=200, created_at=10**9, first_seen=0, patience=0), Over)
