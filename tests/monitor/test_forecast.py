"""What was to be expected of a step is told from the same time of earlier days or weeks, where enough of them are known."""

from __future__ import annotations

import pytest

from horizon.core.clock import DAY, HOUR, MINUTE
from horizon.monitor.forecast import FEWEST, band, expected, reach

AT = 20_000 * DAY + 9 * HOUR


def days(*values: float) -> dict[int, float]:
    """At the same hour of the day before, the day before that, and so on."""
    return {AT - back * DAY: value for back, value in enumerate(values, 1)}


def test_the_median_of_the_same_hour_of_the_days_before_and_a_spread_about_it():
    found = expected(AT, HOUR, days(100, 110, 90, 100, 120, 80, 100))
    assert found is not None
    assert (found.middle, found.of) == (100, 7)
    assert (found.low, found.high) == (pytest.approx(100 - 2 * 1.4826 * 10), pytest.approx(100 + 2 * 1.4826 * 10))


def test_one_bad_day_moves_nothing_and_less_than_none_is_never_expected():
    calm, wild = expected(AT, HOUR, days(10, 11, 9, 10, 10)), expected(AT, HOUR, days(10, 11, 9, 10, 100_000))
    assert calm is not None
    assert wild is not None
    assert wild.middle == calm.middle == 10
    assert wild.high < 20
    few = expected(AT, HOUR, days(0, 1, 5, 9, 0))
    assert few is not None
    assert few.low == 0


def test_nothing_is_said_where_too_little_is_known_or_of_minutes():
    assert expected(AT, HOUR, days(*[5] * (FEWEST - 1))) is None
    assert expected(AT, HOUR, {AT - back * HOUR: 5.0 for back in range(1, 9)}) is None
    assert expected(AT, MINUTE, days(*[5] * 7)) is None


def test_days_are_held_against_the_same_weekday():
    weeks = {AT - back * DAY: 70.0 if back % 7 == 0 else 5.0 for back in range(1, 57)}
    (found, other) = band((AT, AT + DAY), DAY, tuple(weeks.items()))
    assert found is not None
    assert other is not None
    assert (found.low, found.middle, found.high, other.middle) == (70, 70, 70, 5)
    assert reach(AT, DAY) == AT - 56 * DAY
