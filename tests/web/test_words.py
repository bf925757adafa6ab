from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from horizon.core.clock import DAY, HOUR, MINUTE, SECOND
from horizon.web import words


@pytest.mark.parametrize(
    ("micros", "told"),
    [
        (0, "0 ms"), (400, "0.4 ms"), (12_300, "12.3 ms"), (812_000, "812 ms"), (999_600, "1 s"), (1_200_000, "1.2 s"), (10 * SECOND, "10 s"),
        (34_600_000, "34.6 s"), (59_960_000, "1 min"), (185 * SECOND, "3 min 5 s"), (HOUR, "1 h"), (2 * HOUR + 13 * MINUTE, "2 h 13 min"),
        (3 * DAY + 4 * HOUR, "3 d 4 h"), (-5, "0 ms"), (None, "–"),
    ],
)  # fmt: skip
def test_durations_carry_their_unit_and_no_more_digits_than_they_deserve(micros, told):
    assert words.duration(micros) == told


@pytest.mark.parametrize(
    ("gap", "told"),
    [
        (0, "just now"),
        (12 * SECOND, "12 s ago"),
        (4 * MINUTE, "4 min ago"),
        (3 * HOUR, "3 h ago"),
        (50 * DAY, "50 d ago"),
        (-45 * SECOND, "in 45 s"),
        (-1, "now"),
    ],
)
def test_times_are_told_from_now(gap, told):
    assert words.relative(10**15 - gap, 10**15) == told


def test_what_has_happened_was_never_in_the_future_though_a_clock_is_behind():
    assert words.past(10**15 + 4 * SECOND, 10**15) == "just now"
    assert words.past(10**15 - 4 * SECOND, 10**15) == "4 s ago"


def test_numbers_are_grouped_and_badges_short():
    assert [words.number(value) for value in (0, 12_408, 3.66, 842.4, None)] == ["0", "12,408", "3.7", "842", "–"]
    assert [words.compact(value) for value in (940, 1_000, 12_408, 312_999, 3_100_000)] == ["940", "1k", "12.4k", "313k", "3.1M"]
    assert [words.percent(share) for share in (0, 0.0008, 0.038, 0.5, None)] == ["0 %", "0.08 %", "3.8 %", "50 %", "–"]
    assert [words.plural(1, "job"), words.plural(12_408, "job"), words.plural(2, "process", "processes")] == [
        "1 job",
        "12,408 jobs",
        "2 processes",
    ]
    assert [words.size(512), words.size(61_000), words.size(3_000_000)] == ["512 kB", "60 MB", "2.9 GB"]
    assert [words.data(1), words.data(30), words.data(2_400), words.data(5_000_000)] == ["1 byte", "30 bytes", "2.4 kB", "5.0 MB"]


def test_moments_are_shown_in_the_viewers_zone():
    noon = 1_795_348_800 * SECOND  # 2026-11-22 12:00 UTC
    assert words.exact(noon, UTC) == "22 Nov 2026, 12:00:00 UTC"
    assert words.exact(noon, ZoneInfo("Europe/Rome")) == "22 Nov 2026, 13:00:00 CET"
    assert words.clock(noon, ZoneInfo("Asia/Kolkata")) == "17:30:00"
    assert words.exact(None, UTC) == words.clock(None, UTC) == "–"
