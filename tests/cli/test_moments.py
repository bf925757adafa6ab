from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import click
import pytest

from horizon.cli.moments import duration, moment
from horizon.core.clock import DAY, HOUR, MINUTE, SECOND, from_datetime

NOW = from_datetime(datetime(2026, 11, 22, 14, 0, tzinfo=UTC))
ROME = timezone(timedelta(hours=1))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("90", 90 * SECOND), ("0.5", SECOND // 2), ("15m", 15 * MINUTE), ("15 min", 15 * MINUTE), ("1h30m", 90 * MINUTE), ("2d", 2 * DAY), ("1.5h", 90 * MINUTE)],
)  # fmt: skip
def test_durations_are_understood(typed: str, meant: int) -> None:
    assert duration(typed) == meant


@pytest.mark.parametrize("typed", ["", "0", "-5", "soon", "5x", "m", "1h30", "nan", "inf", "1e400", "99999d", "5m-2m"])
def test_what_is_no_duration_is_refused_with_examples(typed: str) -> None:
    with pytest.raises(click.BadParameter, match="15m"):
        duration(typed)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("15m", NOW + 15 * MINUTE),
        ("2031-01-01T08:00Z", from_datetime(datetime(2031, 1, 1, 8, tzinfo=UTC))),
        ("2031-01-01T08:00", from_datetime(datetime(2031, 1, 1, 7, tzinfo=UTC))),
        ("2031-01-01 08:00+02:00", from_datetime(datetime(2031, 1, 1, 6, tzinfo=UTC))),
        ("15:30", NOW + 30 * MINUTE),
        ("14:30", NOW + 23 * HOUR + 30 * MINUTE),
    ],
)
def test_times_are_understood_in_the_zone_of_whoever_types(typed: str, meant: int) -> None:
    assert moment(typed, NOW, ROME) == meant


@pytest.mark.parametrize("typed", ["", "25:00", "14:60", "later", "2031-13-01"])
def test_what_is_no_time_is_refused(typed: str) -> None:
    with pytest.raises(click.BadParameter):
        moment(typed, NOW, ROME)


def test_without_a_zone_it_is_the_machines_own() -> None:
    at = moment("2031-01-01T08:00", NOW)
    assert at == from_datetime(datetime(2031, 1, 1, 8).astimezone())
