from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from horizon.core.clock import DAY, HOUR, MINUTE, SECOND, from_datetime
from horizon.core.errors import InvalidOption
from horizon.monitor.span import KEPT, MOST, before, grain, moment, span

NOW = from_datetime(datetime(2026, 11, 22, 14, 3, 22, tzinfo=UTC))


def at(*when: int) -> int:
    return from_datetime(datetime(*when, tzinfo=UTC))


def test_left_out_it_is_the_past_day_hour_by_hour():
    found = span(NOW)
    assert (found.since, found.until, found.step, found.open) == (at(2026, 11, 21, 14), NOW, HOUR, True)
    assert (found.unit, len(found.starts)) == ("hour", 25)


@pytest.mark.parametrize(
    ("ago", "unit", "since"),
    [
        (60 * MINUTE, "minute", at(2026, 11, 22, 13, 3)),
        (2 * HOUR, "minute", at(2026, 11, 22, 12, 3)),
        (3 * HOUR, "hour", at(2026, 11, 22, 11)),
        (7 * DAY, "hour", at(2026, 11, 15, 14)),
        (9 * DAY, "day", at(2026, 11, 13)),
        (90 * DAY, "day", at(2026, 8, 24)),
    ],
)
def test_the_step_follows_the_length_and_what_is_kept_and_it_begins_with_a_whole_one(ago: int, unit: str, since: int):
    found = span(NOW, NOW - ago)
    assert (found.unit, found.since) == (unit, since)


def test_a_step_may_be_named_as_long_as_it_is_kept():
    assert span(NOW, NOW - HOUR, step=DAY).since == at(2026, 11, 22)
    assert len(span(NOW, NOW - 7 * DAY, step=HOUR).starts) == 7 * 24 + 1
    with pytest.raises(InvalidOption, match=r"each minute is kept for 2 hours.*hours or days"):
        span(NOW, NOW - 6 * HOUR, step=MINUTE)
    with pytest.raises(InvalidOption, match=r"each hour is kept for 7 days.*steps of days"):
        span(NOW, NOW - 20 * DAY, step=HOUR)


def test_a_stretch_that_is_over_ends_with_a_whole_step():
    found = span(NOW, at(2026, 11, 20, 3, 20), at(2026, 11, 20, 9, 40))
    assert (found.since, found.until, found.step, found.open) == (at(2026, 11, 20, 3), at(2026, 11, 20, 10), HOUR, False)
    assert found.minutes == 7 * 60


def test_an_end_in_the_hour_that_goes_on_is_now():
    found = span(NOW, NOW - DAY, NOW - SECOND)
    assert (found.until, found.open) == (NOW, True)


def test_nothing_older_than_what_is_kept_is_promised():
    assert span(NOW, 0).since == (NOW - KEPT.days) // DAY * DAY
    with pytest.raises(InvalidOption, match="nothing is kept"):
        span(NOW, NOW - 900 * DAY, NOW - 800 * DAY)


@pytest.mark.parametrize(("since", "until"), [(NOW, None), (NOW + HOUR, None), (NOW - HOUR, NOW - 2 * HOUR)])
def test_a_stretch_that_ends_before_it_begins_is_refused(since: int, until: int | None):
    with pytest.raises(InvalidOption, match="begin in the past and before its end"):
        span(NOW, since, until)


@given(st.integers(1, 400 * DAY), st.integers(0, 400 * DAY), st.sampled_from([None, MINUTE, HOUR, DAY]), st.integers(0, DAY))
def test_whatever_is_asked_for_the_steps_are_whole_kept_and_not_too_many(ago: int, end: int, step: int | None, shift: int):
    now = NOW + shift
    try:
        found = span(now, now - ago, now - end if end else None, step)
    except InvalidOption:
        return
    assert found.since % found.step == 0
    assert found.open or found.until % found.step == 0
    assert grain(found.since, now) <= found.step
    assert 0 < len(found.starts) <= MOST
    assert found.starts[-1] <= found.until <= now
    assert found.open or found.starts[-1] < found.until


@pytest.mark.parametrize("minute", range(0, 60, 7))
@pytest.mark.parametrize("second", [0, 1, 59])
def test_the_past_hour_is_compared_with_the_hour_before_at_any_moment_of_an_hour(minute: int, second: int):
    now = NOW // HOUR * HOUR + minute * MINUTE + second * SECOND + 1
    over = span(now, now - HOUR)
    earlier = before(over, len(over.starts) * MINUTE, now)
    assert (earlier.until, earlier.step) == (over.since, MINUTE)
    assert over.since - earlier.since == (HOUR if minute == 0 else HOUR + MINUTE)
    assert grain(earlier.since, now) == MINUTE


def test_where_its_steps_are_kept_no_more_a_stretch_is_compared_with_whole_days():
    two = span(NOW, NOW - 2 * HOUR)
    earlier = before(two, 2 * HOUR, NOW)
    assert (earlier.since, earlier.until, earlier.step) == (two.since // DAY * DAY - DAY, two.since // DAY * DAY, DAY)


def test_times_are_aware_or_so_long_ago():
    assert moment(90, NOW) == NOW - 90 * SECOND
    assert moment(timedelta(hours=1), NOW) == NOW - HOUR
    assert moment(datetime(2026, 11, 22, tzinfo=UTC), NOW) == at(2026, 11, 22)
    with pytest.raises(InvalidOption, match="since: expected a datetime with a time zone"):
        moment(datetime(2026, 11, 22), NOW)
    for wrong in ("1h", True, float("nan"), -5):
        with pytest.raises(InvalidOption, match="since"):
            moment(wrong, NOW)  # type: ignore[arg-type]
