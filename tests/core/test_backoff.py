from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from horizon.core.backoff import DEFAULT, MAX_DELAY, Exponential, Fibonacci, Linear, check, decode, delay, encode
from horizon.core.by_exception import ByException
from horizon.core.errors import InvalidOption


def test_a_number_is_always_the_same_wait() -> None:
    assert [delay(7, attempt, 0.5) for attempt in (1, 2, 99)] == [7.0, 7.0, 7.0]
    assert delay(0.25, 1, 0) == 0.25


def test_a_list_has_one_wait_per_attempt_and_repeats_its_last() -> None:
    assert [delay([5, 30, 120], attempt, 0.5) for attempt in (1, 2, 3, 4, 50)] == [5, 30, 120, 120, 120]


def test_exponential_grows_by_its_factor_up_to_its_cap() -> None:
    steps = Exponential(base=3, factor=2, cap=20, jitter=0)
    assert [delay(steps, attempt, 0.9) for attempt in (1, 2, 3, 4, 5)] == [3, 6, 12, 20, 20]


def test_linear_grows_by_its_step_up_to_its_cap() -> None:
    assert [delay(Linear(base=5, step=10, cap=30), attempt, 0.9) for attempt in (1, 2, 3, 4, 5)] == [5, 15, 25, 30, 30]
    assert delay(Linear(base=10, step=0, jitter=0.5), 9, 0.0) == 5


def test_fibonacci_grows_like_rabbits_up_to_its_cap() -> None:
    steps = [delay(Fibonacci(base=2, cap=20), attempt, 0.9) for attempt in (1, 2, 3, 4, 5, 6, 7, 10_000)]
    assert steps == [2, 2, 4, 6, 10, 16, 20, 20]


def test_what_went_wrong_can_decide() -> None:
    by = ByException({ConnectionError: 60, LookupError: [1, 5]}, otherwise=Linear(base=7))
    assert [by(2, error) for error in (ConnectionResetError(), KeyError("x"), ValueError())] == [60, 5, 12]
    for wrong in ({"ValueError": 1}, {ValueError: -1}):
        with pytest.raises(InvalidOption):
            ByException(wrong)  # type: ignore[arg-type]


def test_a_kind_of_a_later_version_is_told() -> None:
    with pytest.raises(InvalidOption, match="of a kind that this version does not know; it knows exponential, linear, fibonacci"):
        decode('{"kind": "quadratic"}')


def test_the_default_starts_at_three_seconds_and_ends_at_ten_minutes() -> None:
    assert (DEFAULT.base, DEFAULT.cap) == (3.0, 600.0)
    assert delay(DEFAULT, 1, 0.999999) == pytest.approx(3, abs=1e-3)
    assert delay(DEFAULT, 1000, 0.0) == 300


@given(attempt=st.integers(1, 10_000), random=st.floats(0, 1, exclude_max=True), jitter=st.floats(0, 1))
def test_jitter_takes_away_at_most_its_share_and_never_adds(attempt: int, random: float, jitter: float) -> None:
    sharp = delay(Exponential(jitter=0), attempt, random)
    got = delay(Exponential(jitter=jitter), attempt, random)
    assert sharp * (1 - jitter) - 1e-9 <= got <= sharp + 1e-9


@pytest.mark.parametrize(
    "value",
    [
        None,
        "5",
        -1,
        [],
        [1, -2],
        [1, "2"],
        True,
        MAX_DELAY + 1,
        {},
        float("nan"),
        Exponential(jitter=2),
        Exponential(base=-1),
        Linear(step=-1),
        Fibonacci(jitter=True),
    ],
)
def test_what_is_no_backoff_is_refused(value: object) -> None:
    with pytest.raises(InvalidOption):
        check(value)


@pytest.mark.parametrize(
    "value", [0, 5, 2.5, [1, 2, 3], [0.5], Exponential(base=1, factor=3, cap=9, jitter=0.1), Linear(step=3), Fibonacci(base=1)]
)
def test_a_backoff_comes_back_from_its_text_as_it_was(value) -> None:
    text = encode(value)
    assert text is not None
    json.loads(text)
    assert decode(text) == value


def test_no_backoff_stays_none() -> None:
    assert (encode(None), decode(None)) == (None, None)


def test_a_tuple_is_as_good_as_a_list() -> None:
    assert decode(encode((1, 2))) == [1, 2]
