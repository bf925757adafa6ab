"""The pages of metrics: tables, charts, ranges, what is taken away, and time targets."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from horizon.core.clock import HOUR, SECOND
from horizon.schedule.deploys import Deploys
from horizon.web.pages import metrics, queue
from tests.web.pages.conftest import HTMX, Page
from tests.web.pages.stage import NASTY, Stage

SEND, RESIZE = "shop.jobs:SendEmail", "shop.jobs:ResizeImage"


def names(page) -> list[str]:
    """Of the table, in its order."""
    return [attrs["href"].rpartition("/")[2].partition("?")[0] for attrs in page.all("a") if attrs.get("class") == "name clip"]


@pytest.fixture(autouse=True)
def worker(stage: Stage) -> None:
    stage.worker()


@pytest.fixture
def busy(stage: Stage) -> Stage:
    """Two classes on two queues, an hour ago and now."""
    for _ in range(3):
        stage.done(SEND, queue="emails")
    stage.clock.advance(3600)
    for _ in range(4):
        stage.done(SEND, queue="emails")
    stage.fail(RESIZE, queue="images")
    for _ in range(2):
        stage.run(stage.push(RESIZE, queue="images"), runtime=30 * SECOND)
    return stage


def test_each_class_has_its_figures_against_the_hour_before(look, busy):
    page = look("/metrics")
    assert names(page) == [RESIZE, SEND]  # what ran longest in all comes first
    assert "Jobs/min" in page.text
    assert "+34 %" in page.text  # the hour goes on: it is half a minute shorter than the one before
    assert "against the 1 h before" in page.text


def test_the_table_is_sorted_by_what_the_address_says_and_each_header_leads_there(look, busy):
    assert names(look("/metrics?sort=-pace")) == [SEND, RESIZE]
    assert names(look("/metrics?sort=pace")) == [RESIZE, SEND]
    assert names(look("/metrics?sort=name")) == [RESIZE, SEND]
    assert names(look("/metrics?sort=-failed")) == [RESIZE, SEND]
    page = look("/metrics?sort=-p95")
    assert {"aria-sort": "descending"}.items() <= page.all("th", **{"aria-sort": "descending"})[0].items()
    assert page.all("a", href="/horizon/metrics?sort=p95")
    assert "metrics can be sorted by name, pace" in look("/metrics?sort=colour", 400).text
    assert "page is a whole number" in look("/metrics?page=0", 400).text


def test_queues_have_a_table_of_their_own(look, busy):
    assert names(look("/metrics?view=queues")) == ["images", "emails"]


def test_a_class_has_a_page_also_under_its_bare_name(look, busy):
    for name in (SEND, "SendEmail"):
        page = look(f"/metrics/jobs/{name}")
        assert names(page) == ["emails"]
        assert page.all("a", href="/horizon/jobs?q=class:%22shop.jobs:SendEmail%22") or page.all(
            "a", href="/horizon/jobs?q=class:shop.jobs:SendEmail"
        )
    assert "did you mean" in look("/metrics/jobs/SendEmali", 404).text


def test_a_queue_has_a_page_also_where_nothing_happened(look, busy):
    assert names(look("/metrics/queues/emails")) == [SEND]
    assert "Nothing happened in the past 1 h" in look("/metrics/queues/nobody").text
    look("/metrics/queues/no%20queue", 404)


@pytest.mark.parametrize("key", ["1h", "6h", "24h", "7d", "30d", "90d"])
def test_every_range_has_every_chart_and_stays_light(look, busy, key):
    busy.clock.advance(HOUR // SECOND)
    for path in (f"/metrics?range={key}&view=charts", f"/metrics?range={key}", f"/metrics?range={key}&view=table"):
        page = look(path)
        assert page.all("a", **{"aria-current": "true"})
    charts = [attrs["id"] for attrs in look(f"/metrics?range={key}&view=charts").all("section") if attrs.get("id", "").startswith("c-")]
    assert charts == ["c-throughput", "c-failures", "c-runtime", "c-wait", "c-memory", "c-heat"]


def test_a_chart_tells_what_it_shows_in_a_sentence(look, busy):
    told = [attrs["aria-label"] for attrs in look("/metrics?view=charts").all("svg", role="img")]
    assert len(told) == 6
    assert told[1].startswith("Failure rate over the past 1 h, jobs that failed for good, of those that ended. Failed: 14 %")
    assert all(sentence.endswith(".") for sentence in told)


def test_where_nothing_happened_step_by_step_says_so_as_the_other_views_do(look):
    for view in ("classes", "queues", "charts", "table"):
        page = look(f"/metrics?view={view}")
        assert "Nothing happened in the past 1 h" in page.text
        assert page.text.count("nothing known of the 1 h before") == 1
        assert not page.all("table")


def test_step_by_step_each_row_leads_to_its_jobs(look, busy):
    page = look("/metrics/jobs/SendEmail?view=table")
    (link,) = {attrs["href"] for attrs in page.all("a") if "after:" in attrs.get("href", "")}
    found = look(link.removeprefix("/horizon"))
    assert len(found.rows()) == 4


def test_the_columns_of_figures_stay_in_order_where_pages_follow_each_other(look, stage):
    for index in range(45):
        stage.done(f"shop.jobs:Class{index:02}")
    first, last = look("/metrics?sort=name"), look("/metrics?sort=name&page=3")
    assert (len(names(first)), names(last)[0], len(names(last))) == (20, "shop.jobs:Class40", 5)
    assert "45 in all, page 1 of 3" in first.text
    assert first.all("a", rel="next", href="/horizon/metrics?sort=name&page=2")


def test_names_that_try_to_break_out_do_not(stage):
    for text in NASTY.values():
        stage.done("x:" + text.replace("\x00", "")[:190])
    for path in ("/metrics", "/metrics?view=charts", "/metrics?view=queues"):
        answer = stage.client.get(f"/horizon{path}")
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        assert len(answer.data) < 40_000


def test_a_new_version_of_the_code_is_marked_in_the_charts(look, busy):
    busy.worker("w2", code_version="b52e0d1")
    Deploys(busy.runtime).run("default")
    page = look("/metrics")
    assert "b52e0d1" in page.text
    assert page.all("path", **{"class": "deploy"})


def test_before_the_first_job_the_page_says_what_to_do(look):
    page = look("/metrics")
    assert "Nothing happened in the past 1 h" in page.text
    assert "horizon work" in page.text


# to take away ------------------------------------------------------------------------------------------------------


def test_the_table_is_taken_away_in_its_order_with_the_figures_before(stage, busy):
    answer = stage.client.get("/horizon/export/metrics?what=classes&format=csv&sort=-pace")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="horizon-metrics-classes-1h.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [(row["name"], row["completed"], row["before_completed"]) for row in rows] == [(SEND, "4", "3"), (RESIZE, "2", "0")]
    assert rows[0]["runtime_p95"]


def test_the_steps_of_one_class_are_taken_away(stage, busy):
    rows = json.loads(stage.client.get("/horizon/export/metrics?what=steps&format=json&class=SendEmail&range=24h").text)
    assert len(rows) == 24
    assert [row["completed"] for row in rows if row["completed"]] == [3, 4]


def test_a_chart_is_taken_away_as_a_picture(stage, busy):
    answer = stage.client.get("/horizon/export/chart?chart=runtime&queue=emails&range=24h")
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="horizon-runtime-24h.svg"'
    assert "emails · runtime of an attempt · 24 h" in answer.text
    assert stage.client.get("/horizon/export/chart?chart=colours").status_code == 404


def test_a_chart_that_is_taken_away_speaks_the_language_of_the_page(stage, busy):
    def words(query: str) -> list[str]:
        text = stage.client.get(f"/horizon/export/chart?{query}", headers={"Accept-Language": "de"}).text
        return re.findall(r"<text[^>]*>([^<]*)</text>", text)

    assert {"Alle Jobs · beendete Jobs · 24 h", "erledigt", "bisher"} <= set(words("chart=throughput&range=24h"))
    assert {"emails · Laufzeit eines Versuchs · 24 h", "p50"} <= set(words("chart=runtime&queue=emails&range=24h"))
    assert "wenige" in words("chart=heat&range=24h")
    days = [word.partition(" ")[0] for word in words("chart=throughput&range=7d") if re.search(r" \d\d:\d\d$", word)]
    assert len(days) == 5
    assert set(days) <= {"Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"}


@pytest.mark.parametrize("query", ["what=colours", "format=xml", "class=SendEmail&queue=emails", "sort=colour"])
def test_an_export_that_makes_no_sense_is_refused(stage, busy, query):
    assert stage.client.get(f"/horizon/export/metrics?{query}").status_code == 400


# in the overview, and targets ----------------------------------------------------------------------------------------


def test_the_overview_shows_throughput_over_other_ranges_too(look, busy):
    assert "jobs per minute, past 1 h" in look("/").text
    page = look("/?range=24h")
    assert "jobs per hour, past 24 h" in page.text
    assert page.all("a", href="/horizon/metrics?view=table&range=24h")
    assert "jobs per minute, past 1 h" in look("/?range=90d").text  # not in the list of this chart


def test_a_target_that_is_missed_stands_wherever_one_looks(look, stage):
    stage.store.queues.override("emails", {"start_within": 2 * SECOND, "start_share": 0.9})
    for _ in range(8):
        stage.done(queue="emails")
    assert "on target" in look("/queues/emails").text
    for _ in range(4):
        id = stage.push(queue="emails")
        stage.clock.advance(5)
        stage.run(id)
    stage.app.extensions["horizon"].stats._kept.clear()  # what targets are measured by is looked up every few seconds
    for path in ("/", "/queues", "/queues/emails", "/metrics?view=queues", "/metrics/queues/emails"):
        assert "target missed" in look(path).text, path
    assert "Time targets missed" in look("/").text
    page = look("/queues/emails")
    assert "66.6 %" in page.text
    assert "errors at 3.3 times what the target allows" in page.text
    target = stage.client.get("/horizon/api/queues/emails").json["target"]
    assert (target["state"], target["hour"]["started"], round(target["hour"]["burn"], 2)) == ("burning", 12, 3.33)
    reasons = [one["reason"] for one in stage.client.get("/horizon/api/jobs/dashboard").json["health"]["deductions"]]
    assert "queue emails misses its target: 66.6 % of its jobs started within 2 s in the past hour, 90 % shall" in reasons


def test_a_target_is_set_on_the_page_of_its_queue(look, act, stage):
    stage.push(queue="emails")
    act("/queues/act", do="set:emails", start_within="2.5", start_share="99.5")
    settings = stage.store.queues.get("emails")
    assert (settings.start_within, settings.start_share) == (2_500_000, 0.995)
    page = look("/queues/emails")
    assert "99.5 % within 2.5 s" in page.text
    assert re.search(r"differs from code: no target", page.text)
    act("/queues/act", do="reset-start_within:emails")
    assert stage.store.queues.get("emails").start_within is None
    assert "Time target" not in look("/queues/emails").text


def test_the_band_that_was_to_be_expected_is_drawn_where_enough_is_known_and_told_in_words_and_in_the_table(look, stage):
    for _ in range(6):
        for _ in range(3):
            stage.done(SEND, queue="emails")
        stage.clock.advance(86_400)
    stage.done(SEND, queue="emails")
    page = look("/metrics?range=24h&view=charts")
    assert page.all("path", **{"class": "expected"})
    assert (
        "The band is a forecast of how many jobs end, from the same hour of the days before; for the next hour it says 0 to 0." in page.text
    )
    assert any("The shaded band is a forecast" in one["aria-label"] for one in page.all("svg", role="img"))
    assert "3 to 3" in look("/metrics?range=24h&view=table").text
    assert not look("/metrics").all("path", **{"class": "expected"})
    assert "#9db8d9" in stage.client.get("/horizon/export/chart?chart=throughput&range=24h").text


def test_the_forecast_is_taken_away_with_the_steps_and_told_over_http(stage):
    stage.clock.at += 12 * HOUR - stage.clock.at % (24 * HOUR)
    for _ in range(6):
        for _ in range(3):
            stage.done(SEND, queue="emails")
        stage.clock.advance(86_400)
    rows = json.loads(stage.client.get("/horizon/export/metrics?what=steps&format=json&range=24h").text)
    assert [rows[-1][f"forecast_{key}"] for key in ("low", "middle", "high")] == [3, 3, 3]
    assert [rows[-2][f"forecast_{key}"] for key in ("low", "middle", "high")] == [0, 0, 0]
    head = stage.client.get("/horizon/export/metrics?what=steps&format=csv&range=24h").text.splitlines()[0]
    assert head.endswith("memory_mb,forecast_low,forecast_middle,forecast_high")
    found = stage.client.get("/horizon/api/jobs/metrics?since=24h&step=hour").json
    noon = found["steps"][-1]["at"]
    assert [one for one in found["forecast"] if one["at"] == noon] == [{"at": noon, "low": 3, "middle": 3, "high": 3, "known": 6}]
    assert len([one for one in found["forecast"] if one["at"] > noon]) == 1  # the hour that comes next
    assert stage.client.get("/horizon/api/jobs/metrics?since=1h").json["forecast"] == []
    assert stage.client.get("/horizon/api/jobs/metrics?since=24h&queue=emails").json["forecast"] == []


def test_the_map_of_runtimes_is_a_picture_too(look, busy, stage):
    assert any("chart=heat" in one.get("href", "") for one in look("/metrics").all("a"))
    answer = stage.client.get("/horizon/export/chart?chart=heat")
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert "All jobs · runtime, attempt by attempt · 1 h" in answer.text
    assert answer.text.count("<path") >= 1
    assert "heat" in look("/export/chart?chart=colour", 404).text


def test_what_is_long_to_add_up_comes_while_one_looks_and_the_figures_of_all_are_there_at_once(stage, busy, monkeypatch):
    monkeypatch.setattr(metrics, "AT_ONCE", 1)
    answer, looks = stage.client.get("/horizon/metrics?range=24h"), 1
    while not names(page := Page(answer.text)):
        assert looks < 100
        assert page.all("section", id="adding")
        assert page.all("section", id="c-throughput")
        (live,) = page.all("div", id="live")
        assert live["hx-trigger"].startswith("every 100ms")
        headers = {
            name: value.replace('\\"', '"') for name, value in re.findall(r'"([A-Za-z-]+)": "((?:[^"\\]|\\.)*)"', live["hx-headers"])
        }
        answer, looks = stage.client.get("/horizon/metrics?range=24h", headers={**HTMX, "HX-Target": "live", **headers}), looks + 1
        assert answer.status_code == 200
    assert looks > 1
    assert names(page) == [RESIZE, SEND]
    assert not page.all("section", id="adding")
    assert page.all("div", id="live")[0]["hx-trigger"].startswith("every 2000ms")


@pytest.mark.parametrize("path", ["/metrics/queues/emails?range=24h", f"/metrics/jobs/{SEND}?range=24h", "/queues/emails?range=24h"])
def test_what_one_queue_or_class_did_is_added_up_while_one_looks_too(stage, busy, monkeypatch, path):
    whole = Page(stage.client.get(f"/horizon{path}").text)
    drawn = [one["d"] for one in whole.all("path") if one.get("class", "").startswith(("posts", "flow", "bars"))]
    assert drawn
    stage.app.extensions["horizon"].pasts._of.clear()  # as in a process that has just begun
    monkeypatch.setattr(metrics, "AT_ONCE", 1)
    monkeypatch.setattr(queue, "AT_ONCE", 1)
    answer, looks = stage.client.get(f"/horizon{path}"), 1
    while (page := Page(answer.text)).all("section", id="adding") or page.all("p", id="adding"):
        assert looks < 100
        assert answer.status_code == 200
        assert page.all("div", id="live")[0]["hx-trigger"].startswith("every 100ms")
        answer, looks = stage.client.get(f"/horizon{path}"), looks + 1
    assert looks > 1
    assert [one["d"] for one in page.all("path") if one.get("class", "").startswith(("posts", "flow", "bars"))] == drawn
