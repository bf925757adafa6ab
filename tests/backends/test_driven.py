from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from horizon.backends.driven import CATCH_UP, parsed, portion
from horizon.core.clock import HOUR, SECOND
from horizon.core.errors import InvalidOption

START = 1_000 * SECOND


def test_an_operation_without_a_pace_goes_as_far_as_an_act_may() -> None:
    assert portion({}, START, START, 500) == (500, START)


def test_a_pace_grants_what_the_time_that_passed_is_worth() -> None:
    assert portion({"per_second": 50}, START, START, 500).rows == 0
    assert portion({"per_second": 50}, START, START + SECOND // 2, 500) == (25, START + SECOND // 2)
    assert portion({"per_second": 50}, START, START + SECOND, 500) == (50, START + SECOND)


def test_a_rest_of_time_that_is_no_whole_row_counts_in_the_next_step() -> None:
    rows, paid = portion({"per_second": 2}, START, START + 700_000, 500)
    assert (rows, paid) == (1, START + 500_000)
    assert portion({"per_second": 2}, paid, START + SECOND, 500).rows == 1


def test_a_slow_pace_waits_for_its_next_row() -> None:
    assert portion({"per_second": 1 / 60}, START, START + 59 * SECOND, 500).rows == 0
    assert portion({"per_second": 1 / 60}, START, START + 60 * SECOND, 500).rows == 1


def test_what_nobody_drove_for_an_hour_is_not_made_up_for() -> None:
    rows, paid = portion({"per_second": 50}, START, START + HOUR, 500)
    assert (rows, paid) == (100, START + HOUR)


@given(st.floats(0.01, 5_000), st.lists(st.integers(0, 5 * SECOND), min_size=1, max_size=40))
def test_no_stretch_of_time_ever_sees_more_than_its_pace_and_what_may_be_caught_up(rate: float, waits: list[int]) -> None:
    now, paid, done = START, START, 0
    for wait in waits:
        now += wait
        rows, paid = portion({"per_second": rate}, paid, now, 500)
        done += rows
        assert paid <= now + 1
        assert done <= (now - START) * rate / SECOND + 1
    assert portion({"per_second": rate}, paid, now, 500).rows <= max(CATCH_UP * rate / SECOND, 1)


@pytest.mark.parametrize("wrong", [0, -1, True, "50/s", float("nan"), 10**9, 1e-9])
def test_what_is_no_pace_is_refused(wrong: object) -> None:
    with pytest.raises(InvalidOption, match="per_second is how many jobs a second"):
        parsed("retry", {"per_second": wrong})
