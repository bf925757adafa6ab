from __future__ import annotations

import json
from dataclasses import replace

import pytest

from horizon.backends.connect import connect
from horizon.backends.values import StoreOptions
from horizon.cli.metrics import against, by_time, short, success
from horizon.core.clock import DAY, HOUR, SECOND, ManualClock, now
from horizon.core.histogram import Histogram
from horizon.core.outcome import Kind
from horizon.monitor.forecast import Expected
from horizon.monitor.measures import Metrics, Sum
from horizon.monitor.report import Report
from horizon.monitor.span import Span
from tests.cli.conftest import Site


@pytest.fixture
def busy(site: Site, url: str) -> Site:
    """A store whose clock stands: no minute or day begins between what happens and what is asked."""
    runtime = site.app.extensions["horizon"].runtime
    runtime._backends["default"] = connect(url, StoreOptions(clock=ManualClock(now())))
    runtime._defined["default"] = runtime.routing.version
    site.push(4)
    site.run(3, took=0.5)
    site.run(1, Kind.FAILED, took=2)
    site.push(1, queue="slow")
    site.run(1, queue="slow", took=4)
    return site


def rows(text: str) -> list[dict[str, str]]:
    titles, *lines = [line.split("\t") for line in text.splitlines()]
    return [dict(zip(titles, line, strict=True)) for line in lines]


def test_a_row_for_each_class(busy: Site, horizon) -> None:
    (row,) = rows(horizon("metrics").output)
    assert (row["class"], row["completed"], row["failed"], row["success"]) == ("Send", "4", "1", "80 %")
    assert row["runtime"] == "1.5 s"


def test_a_row_for_each_queue_the_longest_running_first(busy: Site, horizon) -> None:
    found = rows(horizon("metrics", "--by", "queue", "--since", "1h").output)
    assert [(row["queue"], row["completed"]) for row in found] == [("slow", "1"), ("mail", "3")]
    (mail,) = rows(horizon("metrics", "--by", "queue", "--queue", "mail").output)
    assert mail["queue"] == "mail"


def test_a_row_for_each_step_of_time(busy: Site, horizon) -> None:
    found = rows(horizon("metrics", "--by", "time", "--since", "3d", "--step", "day").output)
    assert len(found) == 4
    assert [row["completed"] for row in found] == ["0", "0", "0", "4"]


def test_one_class_in_full_with_its_queues(busy: Site, horizon) -> None:
    shown = horizon("metrics", "Send").output
    assert "class       shop:Send" in shown
    assert "5 pushed, 4 completed, 1 failed" in shown
    assert "mean 1.5 s" in shown
    assert "max 4 s" in shown
    assert "\nslow\t" in shown


def test_a_class_that_has_not_run(site: Site, horizon) -> None:
    site.push(1)
    shown = horizon("metrics", "shop:Send").output
    assert "1 pushed" in shown
    assert "nothing ran" in shown


def test_where_nothing_happened_it_says_so(site: Site, horizon) -> None:
    done = horizon("metrics")
    assert done.exit_code == 0
    assert "Nothing happened since" in done.stderr


def test_as_json_it_is_what_the_api_answers(busy: Site, horizon) -> None:
    told = json.loads(horizon("metrics", "--since", "1h", "--json").output)
    answer = busy.app.test_client().get("/horizon/api/jobs/metrics?since=1h").json
    assert set(told) == set(answer)
    steady = ("pushed", "completed", "failed", "runtime", "wait", "memory_mb")
    assert [told["total"][key] for key in steady] == [answer["total"][key] for key in steady]
    assert [one["name"] for one in told["queues"]] == ["slow", "mail"]


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (("Sned",), 1, "did you mean shop:Send"),
        (("--queue", "slwo"), 1, "did you mean slow"),
        (("--since", "soon"), 2, "is not a time"),
        (("--since", "20d", "--step", "hour"), 2, "kept for 7 days"),
        (("--connection", "nowhere"), 1, "no connection 'nowhere'"),
    ],
)
def test_what_cannot_be_told_is_refused_with_what_can(busy: Site, horizon, words: tuple[str, ...], code: int, why: str) -> None:
    done = horizon("metrics", *words)
    assert (done.exit_code, why in done.stderr) == (code, True), done.stderr


def test_names_are_short_where_no_two_are_alike() -> None:
    assert short(["a:Mail", "b.c:Report.Daily"]) == ["Mail", "Daily"]
    assert short(["a:Mail", "b:Mail", "c:Sms"]) == ["a:Mail", "b:Mail", "Sms"]


@pytest.mark.parametrize(
    ("rate", "told"), [(None, ""), (1.0, "100 %"), (0.0, "0 %"), (0.8, "80 %"), (0.9969, "99.69 %"), (0.999999, "99.99 %")]
)
def test_only_the_whole_is_a_hundred_percent(rate: float | None, told: str) -> None:
    assert success(rate) == told


def test_against_as_long_before(busy: Site, horizon) -> None:
    (row,) = rows(horizon("metrics", "--compare").output)
    assert row["completed"] == "4"  # nothing is known of the day before
    found = json.loads(horizon("metrics", "--compare", "--since", "1h", "--json").output)
    assert found["before"]["until"] == found["since"]
    assert "runtime then" in horizon("metrics", "Send", "--compare").output


def test_steps_are_told_with_what_was_to_be_expected_where_that_is_known() -> None:
    noon = 20_000 * DAY + 12 * HOUR
    steps = [Sum().metrics("", at, at + HOUR) for at in (noon - HOUR, noon)]
    made = Report(
        span=Span(since=noon - HOUR, until=noon + HOUR, step=HOUR, open=False), total=steps[0], classes=(), queues=(), steps=steps,
        forecast=[(at, Expected(low=0.6, middle=900, high=1499.7, of=5)) for at in (noon, noon + HOUR)],
    )  # fmt: skip
    columns, told = by_time(made)
    assert columns[-1].title == "forecast"
    assert [row[-1] for row in told] == ["", "1 to 1,500"]
    columns, told = by_time(replace(made, forecast=()))
    assert [len(columns), *map(len, told)] == [11, 11, 11]


def test_a_figure_is_told_with_how_it_has_changed() -> None:
    def of(completed: int, took: int) -> Metrics:
        made = Sum()
        made.completed, made.runtime = completed, Histogram.of([took * SECOND] * completed)
        return made.metrics("x", 0, 60 * SECOND)

    cells = against(of(6, 2), of(4, 4))
    assert (cells[0], cells[4]) == ("6 (+50 %)", "2 s (−50 %)")
    assert against(of(6, 2), None)[0] == "6"
