from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from horizon.core.clock import DAY, HOUR, MINUTE, SECOND
from horizon.core.histogram import Histogram
from horizon.monitor.history import RANGES, Step
from horizon.web.draw.flow import flow, line, told, when

AT = 1_795_305_600 * SECOND
"""Midnight of 22 November 2026, UTC, a Sunday."""


def of(*steps: Step, over: str = "1h"):
    return flow(steps, [0] * len(steps), RANGES[over], UTC)


def test_nothing_to_see_is_said_so():
    made = of(*(Step(at=AT + index * MINUTE) for index in range(60)))
    assert (made.empty, made.waits, made.failed, made.completed) == (True, "", "", "")


def test_bars_and_line_share_one_scale_that_holds_the_highest_of_both():
    made = of(Step(at=AT, entered=9, completed=1), Step(at=AT + MINUTE, completed=2, failed=1))
    assert (made.top[0], made.totals, made.empty) == (12, (9, 3, 1), False)
    assert made.entered == "M150.0 25.0h0.1L450.0 100.0"
    assert made.failed.startswith("M")
    assert [(mark.label, mark.entered, mark.completed, mark.failed) for mark in made.marks] == [("00:00", 9, 1, 0), ("00:01", 0, 2, 1)]


def test_the_line_of_waits_breaks_where_no_job_started():
    waited = Histogram.of([1_500_000])
    made = of(Step(at=AT, completed=1, wait=waited), Step(at=AT + MINUTE), Step(at=AT + 2 * MINUTE, completed=1, wait=waited))
    assert made.longest == (2, 1.0, 0.0)
    assert made.waits.count("M") == 2
    assert "L" not in made.waits
    assert [(mark.at, mark.wait) for mark in made.marks] == [(0, 1.5), (2, 1.5)], "nothing is said of a step in which nothing happened"


def test_a_line_never_leaves_the_plot():
    assert line([5.0], 1.0) == "M300.0 0.0h0.1"


@pytest.mark.parametrize(
    ("span", "zone", "expected"),
    [(MINUTE, UTC, "00:00"), (HOUR, ZoneInfo("Europe/Rome"), "01:00"), (6 * HOUR, UTC, "Sun 00:00"), (DAY, UTC, "22 Nov")],
)
def test_a_step_is_called_by_what_tells_it_apart_in_the_zone_of_the_viewer(span, zone, expected):
    assert when(AT, span, zone) == expected


def test_grid_lines_of_durations_have_units():
    assert [told(seconds) for seconds in (0, 0.5, 2, 3600)] == ["0", "500 ms", "2 s", "1 h"]
