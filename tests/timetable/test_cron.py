from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from horizon.core.clock import DAY, HOUR, SECOND, from_datetime, to_datetime
from horizon.core.errors import InvalidOption
from horizon.timetable.cron import parse

START = from_datetime(datetime(2026, 1, 1, tzinfo=UTC))  # a Thursday
ZONES = ("UTC", "Europe/Rome", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")


def days(text: str, count: int = 4) -> list[str]:
    return [f"{to_datetime(at):%a %d.%m}" for at in parse(text).following(START, count)]


def at(zone: str, *parts: int, fold: int = 0) -> int:
    return from_datetime(datetime(*parts, tzinfo=ZoneInfo(zone), fold=fold))  # type: ignore[arg-type, misc]


def local(zone: str, times: list[int]) -> list[str]:
    return [f"{to_datetime(one).astimezone(ZoneInfo(zone)):%d. %H:%M %Z}" for one in times]  # type: ignore[union-attr]


@pytest.mark.parametrize("sunday", ["0", "7", "sun", "SUN"])
def test_nought_and_seven_are_both_sunday(sunday: str) -> None:
    assert days(f"0 2 * * {sunday}", 2) == ["Sun 04.01", "Sun 11.01"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 2 * * 1", ["Mon 05.01", "Mon 12.01", "Mon 19.01", "Mon 26.01"]),
        ("0 2 * * 5-7", ["Fri 02.01", "Sat 03.01", "Sun 04.01", "Fri 09.01"]),
        ("0 2 * * mon-fri", ["Thu 01.01", "Fri 02.01", "Mon 05.01", "Tue 06.01"]),
        ("0 0 13 * 5", ["Fri 02.01", "Fri 09.01", "Tue 13.01", "Fri 16.01"]),
        ("0 0 */10 * 1", ["Mon 11.05", "Mon 01.06", "Mon 31.08", "Mon 21.09"]),
        ("0 0 1 jan,jul *", ["Wed 01.07", "Fri 01.01", "Thu 01.07", "Sat 01.01"]),
        ("0 0 L * *", ["Sat 31.01", "Sat 28.02", "Tue 31.03", "Thu 30.04"]),
        ("0 0 29 2 *", ["Tue 29.02", "Sun 29.02", "Fri 29.02", "Wed 29.02"]),
        ("0 0 30 2 1", ["Mon 02.02", "Mon 09.02", "Mon 16.02", "Mon 23.02"]),
    ],
    ids=["monday", "range", "names", "either day will do", "a star means both", "months", "last day", "leap years", "either in February"],
)
def test_days_are_those_of_vixie_cron(text: str, expected: list[str]) -> None:
    assert days(text) == expected


@pytest.mark.parametrize(
    ("short", "long"),
    [("@daily", "0 0 * * *"), ("@Midnight", "0 0 * * *"), ("@hourly", "0 * * * *"), ("@weekly", "0 0 * * 0"), ("@monthly", "0 0 1 * *"), ("@yearly", "0 0 1 1 *")],
)  # fmt: skip
def test_short_names_stand_for_what_they_stand_for_in_cron(short: str, long: str) -> None:
    assert parse(short).following(START, 20) == parse(long).following(START, 20)


def test_steps_ranges_and_lists_of_minutes_and_hours() -> None:
    found = [f"{to_datetime(one):%H:%M}" for one in parse("5-15/5,40 */6 * * *").following(START, 6)]
    assert found == ["00:05", "00:10", "00:15", "00:40", "06:05", "06:10"]


def test_a_sixth_field_in_front_counts_seconds() -> None:
    assert [one - START for one in parse("*/20 * * * * *").following(START, 4)] == [20 * SECOND, 40 * SECOND, 60 * SECOND, 80 * SECOND]


@pytest.mark.parametrize("given_as", ["every 90s", "@every 1m30s", "every 1.5 min", 90, timedelta(minutes=1.5)])
def test_an_interval_is_counted_from_1970_so_that_nothing_shifts_it(given_as: object) -> None:
    times = parse(given_as)
    assert times.following(START + 17, 2) == [START + 90 * SECOND, START + 180 * SECOND]
    assert times.words() == "Every 90 seconds"


# the two days on which the clocks change ------------------------------------------------------------


def test_a_time_that_the_clocks_leave_out_comes_right_after_and_once() -> None:
    times = parse("15,45 2 * * *", "Europe/Rome")
    found = times.following(at("Europe/Rome", 2026, 3, 28, 12), 3)
    assert local("Europe/Rome", found) == ["29. 03:00 CEST", "30. 02:15 CEST", "30. 02:45 CEST"]


def test_a_time_that_the_clocks_have_twice_comes_the_first_time_only() -> None:
    times = parse("30 2 * * *", "Europe/Rome")
    found = times.following(at("Europe/Rome", 2026, 10, 24, 12), 2)
    assert local("Europe/Rome", found) == ["25. 02:30 CEST", "26. 02:30 CET"]


def test_asked_within_the_hour_that_comes_twice_it_never_answers_with_the_past() -> None:
    second_time = at("Europe/Rome", 2026, 10, 25, 2, 10, fold=1)
    assert local("Europe/Rome", parse("30 2 * * *", "Europe/Rome").following(second_time, 1)) == ["26. 02:30 CET"]


def test_what_goes_by_the_hour_goes_on_by_the_time_that_really_passes() -> None:
    for begin in (at("Europe/Rome", 2026, 3, 28, 23, 59), at("Europe/Rome", 2026, 10, 24, 23, 59)):
        found = parse("0 * * * *", "Europe/Rome").following(begin, 8)
        assert {later - one for one, later in pairwise(found)} == {HOUR}


@settings(max_examples=60, deadline=None)
@given(
    text=st.sampled_from(("30 2 * * *", "*/20 * * * *", "0 1-3 * * *", "0 */2 * * *", "59 23 L * *", "0 0 13 * 5", "every 7 min")),
    zone=st.sampled_from(ZONES),
    begin=st.integers(min_value=START, max_value=START + 365 * DAY),
)
def test_asking_again_from_any_answer_goes_on_where_the_list_does(text: str, zone: str, begin: int) -> None:
    times = parse(text, zone)
    listed, asked, now = times.following(begin, 12), [], begin
    for _ in listed:
        now = times.after(now) or 0
        asked.append(now)
    assert asked == listed == sorted(set(listed))
    assert listed[0] > begin


# what passed ----------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    text=st.sampled_from(("*/20 * * * *", "0 */2 * * *", "30 2 * * *", "every 7 min", "0 0 1 * *")),
    most=st.integers(1, 5),
    late=st.integers(0, 80 * DAY),
)
def test_what_passed_ends_with_the_latest_and_is_never_more_than_there_was(text: str, most: int, late: int) -> None:
    times = parse(text)
    first = times.following(START, 1)[0]
    passed = times.passed(first, first + late, most)
    truth = [first]
    for one in times.all_after(first):
        if one > first + late:
            break
        truth.append(one)
    assert passed.latest == truth[-most:]
    assert passed.count == len(truth) if passed.exact else len(passed.latest) <= passed.count < len(truth)


def test_a_year_of_seconds_is_not_counted_one_by_one() -> None:
    first = parse("* * * * * *").following(START, 1)[0]
    passed = parse("* * * * * *").passed(first, first + 365 * DAY, 3)
    assert [one - first - 365 * DAY for one in passed.latest] == [-2 * SECOND, -SECOND, 0]
    assert (passed.count, passed.exact) == (3600, False)


# refused --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("0 0 31 2 *", "never comes: none of its months has such a day"),
        ("0 0 30,31 feb *", "never comes"),
        ("0 0 31 4,6 *", "write L"),
        ("60 * * * *", "the minute in .* 0 to 59"),
        ("0 0 * * 8", "0 and 7 are Sunday"),
        ("0 0 * * mon-sun", "Monday to Sunday is 1-7"),
        ("0 0 5-1 * *", "the day-of-month in .* 1 to 31"),
        ("* * *", "has 3; write five fields"),
        ("@fortnightly", "there are @yearly"),
        ("@reboot", "in your deployment"),
        ("every 5 parsecs", "no unit of time"),
        ("every now and then", "write 'every 30s'"),
        ("every 0.1s", "from 1 second to 366 days"),
        (0, "from 1 second"),
        ("", "says when it comes"),
        (None, "says when it comes"),
    ],
)
def test_what_is_not_understood_or_never_comes_is_refused_with_what_to_write(text: object, told: str) -> None:
    with pytest.raises(InvalidOption, match=told):
        parse(text)


@pytest.mark.parametrize(
    ("zone", "told"),
    [("Rome", "did you mean 'Europe/Rome'"), ("Europe/Rom", "Europe/Rome"), ("../etc/passwd", "no time zone"), ("", "no time zone")],
)
def test_an_unknown_time_zone_is_refused_with_the_nearest(zone: str, told: str) -> None:
    with pytest.raises(InvalidOption, match=told):
        parse("@daily", zone)


def test_plans_are_told_in_words() -> None:
    assert [parse(text).words() for text in ("0 2 * * 1", "@daily", "every 2h", "every 1s")] == [
        "At 02:00 on Monday",
        "At 00:00 every day",
        "Every 2 hours",
        "Every second",
    ]
