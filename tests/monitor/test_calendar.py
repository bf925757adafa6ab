from __future__ import annotations

from datetime import UTC, datetime

import pytest

from horizon.backends.schedules import Schedule
from horizon.core.clock import HOUR, MINUTE, from_datetime
from horizon.monitor import calendar
from horizon.monitor.calendar import MOST, day, plan, start_of

NOON = from_datetime(datetime(2026, 11, 22, 12, tzinfo=UTC))


def schedule(when: str, timezone: str = "UTC", **more: object) -> Schedule:
    return Schedule(name="s", target="t", when=when, timezone=timezone, **more)


def hours_of(when: str, timezone: str = "UTC", start: int = NOON) -> list[float]:
    return [(at - start) / HOUR for at in plan(when, timezone, start).times]


def test_what_comes_once_a_day_comes_once():
    assert hours_of("0 2 * * *") == [14.0]
    assert hours_of("0 12 * * *") == [0.0]
    assert hours_of("0 3 * * 3") == []


def test_what_comes_often_fills_its_hours_and_no_others():
    found = plan("*/5 9-10 * * *", "UTC", NOON)
    assert (found.times, found.full) == ((), (21, 22))
    assert plan("every 1s", "UTC", NOON).full == tuple(range(24))
    assert len(plan("*/10 * * * *", "UTC", NOON).times) == 24 * MOST


def test_no_more_times_are_worked_out_than_are_shown(monkeypatch):
    asked = []
    real = calendar.Times.all_after

    def counted(self, at):
        for one in real(self, at):
            asked.append(one)
            yield one

    monkeypatch.setattr(calendar.Times, "all_after", counted)
    plan.cache_clear()
    plan("every 1s", "UTC", NOON)
    assert len(asked) <= 24 * (MOST + 2) + 1
    before = len(asked)
    plan("every 1s", "UTC", NOON)
    assert len(asked) == before


@pytest.mark.parametrize(
    ("date", "zone", "expected"),
    [((2026, 3, 29), "Europe/Rome", 23), ((2026, 10, 25), "Europe/Rome", 25), ((2026, 7, 1), "Europe/Rome", 24)],
)
def test_on_the_days_on_which_clocks_change_noon_is_as_far_away_as_it_is(date, zone, expected):
    from zoneinfo import ZoneInfo

    start = from_datetime(datetime(*date, 0, tzinfo=ZoneInfo(zone)))
    assert hours_of("0 12 * * *", zone, start) == [expected - 12.0]


def test_an_hour_begins_where_the_clocks_of_a_zone_say_so():
    now = NOON + 20 * MINUTE
    assert start_of(now, HOUR) == NOON
    assert start_of(now, 5 * HOUR + 30 * MINUTE) == NOON - 30 * MINUTE


def test_what_is_over_is_left_out_and_jitter_is_counted():
    now = NOON + 30 * MINUTE
    assert [at for at in day(schedule("0,45 * * * *"), "", NOON, now).times if at < NOON + HOUR] == [NOON + 45 * MINUTE]
    late = day(schedule("0 14 * * *", jitter=10 * MINUTE), "", NOON, now).times
    assert NOON + 2 * HOUR <= late[0] < NOON + 2 * HOUR + 10 * MINUTE


def test_a_zone_that_is_not_known_here_has_no_times():
    assert day(schedule("0 2 * * *", "Mars/Olympus"), "", NOON, NOON).times == ()
