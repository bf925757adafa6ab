from __future__ import annotations

import re
from datetime import UTC

import pytest

from horizon.core.clock import MINUTE
from horizon.monitor.figures import Minute
from horizon.web.draw import chart


@pytest.mark.parametrize(("value", "top"), [(0, 4), (1, 4), (4, 4), (12, 12), (13, 16), (90, 100), (1250, 1600), (99_000, 100_000)])
def test_the_scale_ends_at_a_round_figure_that_four_lines_divide(value, top):
    assert chart.nice_top(value) == top
    assert top % 4 == 0


def test_bars_stand_on_one_another_and_fill_the_scale():
    plot = chart.throughput([Minute(at=0, completed=3, failed=1), Minute(at=MINUTE)], UTC)
    assert plot.top == (4, 3, 2, 1, 0)
    assert plot.total == (1, 3)
    failed, completed = (path for _, _, path in plot.series)
    assert re.match(r"M36 100v-25h", failed)
    assert re.match(r"M36 75v-75h", completed)
    assert plot.columns == (chart.Column(at=0, label="00:00", completed=3, failed=1),)
    assert plot.count == 2
    assert not plot.empty


def test_an_hour_without_a_job_is_empty():
    assert chart.throughput([Minute(at=index * MINUTE) for index in range(60)], UTC).empty
    assert chart.throughput([], UTC).empty


def test_a_trend_stays_within_its_box_and_nothing_is_drawn_of_nothing():
    assert chart.spark([0, 5, 10, 2, 2, 2]) == (5, "M-1 50V46H0l1 -20l1 -20l1 32h2h1V50")
    width, path = chart.spark([0, 5, 10, 2] * 15)
    assert width == 29
    assert len(path) < 240
    assert chart.spark([0] * 60) == chart.spark([3]) == (0, "")


def test_scores_have_a_word_and_an_arc():
    assert [chart.verdict(score)[0] for score in (100, 75, 50, 10)] == ["Good", "Fair", "Strained", "Poor"]
    assert chart.ring(0).startswith("0 ")
    assert float(chart.ring(100).split()[0]) == pytest.approx(chart.RING, abs=0.1)
