from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from horizon.core import clock


def test_store_time_is_microseconds_since_1970() -> None:
    assert clock.from_datetime(datetime(1970, 1, 1, tzinfo=UTC)) == 0
    assert clock.from_datetime(datetime(1970, 1, 2, 0, 0, 0, 7, tzinfo=UTC)) == clock.DAY + 7


def test_any_zone_is_understood() -> None:
    there = datetime(2026, 3, 1, 14, 0, tzinfo=timezone(timedelta(hours=2)))
    assert clock.to_datetime(clock.from_datetime(there)) == datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_a_naive_datetime_is_refused_because_its_zone_would_be_a_guess() -> None:
    with pytest.raises(ValueError, match="naive"):
        clock.from_datetime(datetime(2026, 3, 1))


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2200, 1, 1)))
def test_times_survive_the_way_there_and_back(moment: datetime) -> None:
    aware = moment.replace(tzinfo=UTC)
    assert clock.to_datetime(clock.from_datetime(aware)) == aware


def test_no_time_stays_none() -> None:
    assert (clock.to_datetime(None), clock.iso(None)) == (None, None)


def test_iso_is_utc_with_a_z() -> None:
    assert clock.iso(1_700_000_000_123_456) == "2023-11-14T22:13:20.123Z"


def test_now_is_close_to_the_wall_clock() -> None:
    before = clock.from_datetime(datetime.now(UTC))
    between = clock.now()
    assert before - clock.SECOND <= between <= clock.from_datetime(datetime.now(UTC)) + clock.SECOND


def test_a_manual_clock_stands_until_it_is_moved() -> None:
    hand = clock.ManualClock(100 * clock.SECOND)
    assert (hand(), hand()) == (100 * clock.SECOND, 100 * clock.SECOND)
    assert hand.advance(2.5) == hand() == 102_500_000
    assert hand.advance(-1) == 101_500_000


def test_monotonic_clocks_do_not_go_back() -> None:
    for tell in (clock.monotonic, clock.perf_ns, clock.boottime_ns):
        assert tell() <= tell()
