from __future__ import annotations

from datetime import UTC

import pytest

from horizon.core.clock import DAY, HOUR, MINUTE, SECOND
from horizon.core.histogram import Histogram
from horizon.monitor.history import RANGES
from horizon.monitor.measures import Metrics, Sum
from horizon.monitor.past import Period
from horizon.monitor.span import Span
from horizon.monitor.trends import Trend
from horizon.web.draw import picture
from horizon.web.draw.heat import heat, level_of
from horizon.web.draw.trend import Charts, failures, line, posts, throughput, timing

AT = 1_795_305_600 * SECOND
"""Midnight of 22 November 2026, UTC, a Sunday."""


def ended(completed: int = 0, failed: int = 0, *ran: float) -> Sum:
    one = Sum()
    one.completed, one.failed = completed, failed
    one.runtime = Histogram.of([round(seconds * SECOND) for seconds in ran])
    return one


def step(one: Sum) -> Metrics:
    return one.metrics("", AT, AT + MINUTE)


def trend(*now: Sum, before: tuple[Sum, ...] = (), key: str = "24h", coarser: int = HOUR) -> Trend:
    span = Span(since=AT, until=AT + len(now) * HOUR - MINUTE, step=HOUR, open=True)
    before = before or (ended(),)
    past = Span(since=AT - len(before) * coarser, until=AT, step=coarser, open=False)
    return Trend(
        over=RANGES[key],
        now=Period(span=span, pairs={("q", "X"): now[-1]}, steps=now),
        before=Period(span=past, pairs={("q", "X"): before[-1]}, steps=before),
    )


def test_a_bar_stands_on_those_below_it():
    assert posts([(1, 2), (0, 4)], 1, 4, 100) == "M50 75v-50M150 100v-100"
    assert posts([(1, 2), (0, 4)], 0, 4, 100) == "M50 100v-25"


def test_what_is_too_low_to_be_seen_is_a_little_higher():
    assert posts([(1,)], 0, 1000, 10) == "M5 100v-.8"


def test_a_line_breaks_where_nothing_was_measured_and_one_alone_is_a_dot():
    assert line([1, 2, None, 1], 2) == "M75 50h0l150-50M525 50h0"
    assert line([None, None], 2) == ""


def test_points_without_neighbours_are_dots_of_a_size_that_is_seen_on_the_page_and_in_the_file():
    plot = timing("runtime", [step(ended(1, 0, 1.0)), step(ended()), *[step(ended(1, 0, 1.0))] * 2], [None] * 4, lambda one: one.runtime)
    p50 = plot.lines[-1]
    assert p50.dots == p50.path.partition("M375")[0]
    assert p50.dots.endswith("h0")
    made = Charts(trend(ended(5, 1, 1.0), ended()), UTC)
    assert f"<path d='{made.runtime.lines[-1].dots}' fill='none'" in picture.drawn(made.runtime, made.axis, heading="Runtime")


def test_what_ended_before_is_drawn_in_steps_of_the_same_length():
    plot = throughput([step(ended(4)), step(ended(2, 1))], [step(ended(48))], 1 / 12)
    assert [curve.name for curve in plot.bars] == ["failed", "completed"]
    assert plot.ticks == ("4", "3", "2", "1", "0")
    assert [(curve.before, curve.path) for curve in plot.lines] == [(True, "M300 0h0")]


def test_a_step_in_which_nothing_ended_has_no_failure_rate():
    plot = failures([step(ended(1, 1)), step(ended())], [None, step(ended(1))])
    assert plot.ticks == ("100 %", "50 %", "0 %")
    assert [curve.path for curve in plot.lines] == ["M450 100h0", "M150 50h0"]


def test_nothing_to_see_is_said_so_even_where_there_was_something_before():
    made = Charts(trend(ended(), ended(), before=(ended(3, 0, 1.0), ended(1))), UTC)
    assert [plot.empty for plot in made.all()] == [True] * 5


def test_before_the_first_figure_of_the_stretch_before_there_is_no_line():
    made = Charts(trend(ended(5), ended(5), before=(ended(), ended(10))), UTC)
    (before,) = made.throughput.lines
    assert before.path == "M450 16.7h0"
    assert made.throughput.ticks[0] == "12"


def test_the_axis_names_steps_and_knows_where_a_moment_stands():
    made = Charts(trend(*[ended(1)] * 24), UTC).axis
    assert (made.times, made.open_at) == (("00:00", "05:00", "11:00", "17:00", "23:00"), 575.0)
    assert made.place(AT + 6 * HOUR, HOUR) == 150
    assert made.place(AT - HOUR, HOUR) is None


@pytest.mark.parametrize(
    ("count", "most", "level"), [(100, 100, 4), (1, 100, 0), (1, 1_000_000, 0), (25, 100, 2), (26, 100, 2), (99, 100, 4)]
)
def test_a_cell_is_as_dark_as_the_root_of_its_share(count, most, level):
    assert level_of(count, most) == level


def test_the_map_has_a_column_for_each_step_and_a_row_for_each_length():
    made = heat([ended(0, 0, *[1.5] * 4), ended(0, 0, 1.5, 30)])
    assert (made.most, made.usual) == (4, "1 s to 2 s")
    assert made.ticks == ("2 min", "10 s", "1 s")
    assert made.shades[4].startswith("M0")
    assert made.shades[2].startswith("M300")
    assert heat([ended()]).empty


def test_a_chart_as_a_file_has_its_words_beside_it_and_nothing_that_breaks_out():
    made = Charts(trend(ended(5, 1, 1.0), ended(2), before=(ended(4), ended(4))), UTC)
    text = picture.drawn(made.throughput, made.axis, heading="<script>alert(1)</script>")
    assert "<script>" not in text
    assert "completed" in text
    assert "before" in text
    assert all(curve.path in text for curve in (*made.throughput.bars, *made.throughput.lines))


def test_a_chart_as_a_file_shades_what_still_goes_on_and_names_new_versions():
    made = Charts(trend(ended(5, 1, 1.0), ended(2)), UTC)
    marks = [("1.4.2", 120.0), ("a-very-long-version-<b>", 300.0), ("1.4.4", 310.0)]
    for text in (
        picture.drawn(made.throughput, made.axis, heading="All jobs", marks=marks),
        picture.heat_map(heat([ended(0, 0, 1.5)]), made.axis, heading="All jobs", marks=marks),
    ):
        assert "M120.0 0V100" in text
        assert "new versions: 1.4.2, a-very-long… +1" in text
        assert "<b>" not in text
    text = picture.drawn(made.throughput, made.axis, heading="All jobs")
    assert f"<rect x='{made.axis.open_at}' y='0' width='{made.axis.width}'" in text
    assert "so far" in text
    assert "new version" not in text


def test_days_before_are_drawn_as_wide_as_they_are():
    made = Charts(trend(*[ended(1)] * 28, before=tuple([ended(24)] * 7), key="7d", coarser=DAY), UTC)
    (before,) = made.throughput.lines
    assert before.path.count("l") == 6


def waited() -> Sum:
    one = Sum()
    one.wait, one.memory_kb = Histogram.of([SECOND]), 2_048
    return one


def cancelled() -> Sum:
    one = Sum()
    one.cancelled = 1
    return one


@pytest.mark.parametrize(
    "now", [(), (ended(),), (ended(1),), (ended(0, 1),), (cancelled(),), (ended(0, 0, 1.0),), (waited(),), (ended(2, 1, 3.0), waited())]
)
def test_what_there_is_to_see_is_known_before_anything_is_drawn(now):
    made = Charts(trend(ended(), *now, before=(ended(3, 1, 2.0),)), UTC)
    filled = made.filled()
    assert not {"throughput", "failures", "runtime", "wait", "memory"} & made.__dict__.keys()
    assert filled == [plot.key for plot in made.all() if not plot.empty]
