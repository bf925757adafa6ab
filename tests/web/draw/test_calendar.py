from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from horizon.backends.schedules import Schedule
from horizon.core.clock import HOUR, from_datetime
from horizon.monitor.calendar import day
from horizon.web.draw.calendar import hours, row, stretches

START = from_datetime(datetime(2026, 11, 22, 12, tzinfo=UTC))


def drawn(when: str):
    return row(day(Schedule(name="s", target="t", when=when), "words", START, START), START, UTC)


def test_every_run_is_a_mark_at_its_place():
    found = drawn("0 14,18 * * *")
    assert found.marks == "M78 3h3v14h-3zM238 3h3v14h-3z"
    assert (found.bands, found.told) == ("", "14:00, 18:00")


def test_what_comes_often_is_a_band_over_its_hours():
    found = drawn("* 14-17 * * *")
    assert found.bands == "M80 6h160v8h-160z"
    assert (found.marks, found.told) == ("", "often from 14:00 to 18:00")
    assert drawn("* * * * *").told == "often, all day"


def test_many_runs_are_told_in_short():
    assert drawn("30 * * * *").told == "12:30, 13:30, 14:30, 15:30, 16:30, 17:30 and 18 more"
    assert drawn("0 2 1 1 *").told == "not in these hours"


def test_hours_in_a_row_are_one_stretch():
    assert stretches([0, 1, 2, 5, 7, 8]) == [(0, 3), (5, 6), (7, 9)]


def test_the_hours_are_those_of_the_viewer_on_the_days_on_which_clocks_change_too():
    rome = ZoneInfo("Europe/Rome")
    start = from_datetime(datetime(2026, 3, 29, 0, tzinfo=rome))
    assert hours(start, rome)[:4] == ["00", "01", "03", "04"]
    start = from_datetime(datetime(2026, 10, 25, 0, tzinfo=rome))
    assert hours(start, rome)[:5] == ["00", "01", "02", "02", "03"]
    assert len(hours(START + HOUR, UTC)) == 24


@pytest.mark.parametrize(
    ("zone", "night", "runs"),
    [
        ("Europe/Berlin", (2026, 3, 29), "00:30, 01:30, 03:30, 04:30, 05:30, 06:30 and 18 more"),
        ("Europe/Berlin", (2026, 10, 25), "00:30, 01:30, 02:30 CEST, 02:30 CET, 03:30, 04:30 and 18 more"),
        ("America/New_York", (2026, 3, 8), "00:30, 01:30, 03:30, 04:30, 05:30, 06:30 and 18 more"),
        ("America/New_York", (2026, 11, 1), "00:30, 01:30 EDT, 01:30 EST, 02:30, 03:30, 04:30 and 18 more"),
    ],
)
def test_runs_in_the_night_in_which_clocks_change_are_told_apart(zone, night, runs):
    there = ZoneInfo(zone)
    start = from_datetime(datetime(*night, tzinfo=there))
    hourly = day(Schedule(name="s", target="t", when="30 * * * *", timezone=zone), "words", start, start)
    assert row(hourly, start, there).told == runs
