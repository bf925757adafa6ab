from __future__ import annotations

from horizon.core.clock import MINUTE
from tests.web.pages.stage import executor, failure


def test_a_new_installation_is_shown_how_to_begin(look):
    page = look("/")
    assert "No job has been dispatched yet" in page.text
    assert "Hello.dispatch" in page.text
    assert "horizon work" in page.text
    assert page.all("button", **{"data-copy": "horizon work"})


def test_figures_panels_and_links(look, stage):
    stage.plenty()
    page = look("/")
    for word in (
        "Health",
        "Jobs per minute",
        "Past hour",
        "Failed, past hour",
        "Longest wait",
        "Runtime p95",
        "Busy slots",
        "Throughput",
        "Workload",
        "Why jobs fail",
        "Workers",
    ):
        assert word in page.text
    assert page.all("a", href="/horizon/failed?q=after:1h")
    assert page.all("a", href="/horizon/jobs?state=pending&queue=emails")


def test_the_chart_has_its_figures_in_a_table_as_well(look, stage):
    stage.plenty()
    page = look("/")
    assert any("383 completed, 15 failed" in image["aria-label"] for image in page.all("svg", role="img"))
    assert "The same as a table" in page.text


def test_without_a_worker_a_strip_says_what_to_run(look, stage):
    stage.push()
    page = look("/")
    assert "No worker is running." in page.text
    assert "1 job waits until one is started" in page.text
    assert page.all("div", id="no-worker")
    assert "No worker is running." in look("/jobs").text


def test_a_queue_that_nobody_serves_is_named_with_the_command(look, stage):
    stage.worker(queues=("emails",))
    stage.push(queue="reports")
    page = look("/")
    assert "Nobody works on reports" in page.text
    assert page.all("button", **{"data-copy": "horizon work --queue reports"})


def test_the_problem_of_a_worker_is_told(look, stage):
    stage.push()
    stage.worker()
    stage.report(problems=("cannot import shop.jobs: No module named 'shop'",))
    assert "cannot import shop.jobs" in look("/").text


def test_a_worker_lists_what_it_runs(look, stage):
    stage.plenty()
    page = look("/")
    assert "web-2:4471" in page.text
    assert "1 of 8 slots busy" in page.text
    assert page.all("a", href=f"/horizon/jobs/{stage.running}")


def test_a_job_that_runs_keeps_a_slot_busy_before_its_worker_has_told(look, stage):
    stage.worker()
    taken = stage.start(stage.push())
    page = look("/")
    assert "1 of 8 slots busy" in page.text
    assert page.all("a", href=f"/horizon/jobs/{taken.id}")
    stage.end(taken)
    stage.report("w1", executors=({"pid": 4472, "jobs": 1, "slots": [{"job": taken.id, "since": stage.clock()}]},))
    assert "0 of 8 slots busy" in look("/").text  # what the worker said last is over


def test_causes_are_counted_and_can_be_retried(look, stage):
    stage.worker()
    for _ in range(3):
        stage.fail(error=failure(cause="abc123"))
    page = look("/")
    assert page.all("button", value="retry:?state:failed cause:abc123")
    assert page.all("a", href="/horizon/failed/causes/abc123")


def test_a_paused_queue_says_why_and_offers_to_resume(look, stage):
    stage.push(queue="data")
    stage.store.queues.pause("data", reason="the API is down", until=stage.clock() + 5 * MINUTE)
    page = look("/")
    assert "the API is down" in page.text
    assert page.all("button", value="resume:data")


def test_the_navigation_counts_what_is_unfinished_and_what_failed(look, stage):
    stage.worker()
    stage.fail()
    stage.push()
    page = look("/")
    assert page.all("span", title="1 job not ended yet")
    assert page.all("span", title="1 failed job")
    assert [link["href"] for link in page.all("a", **{"class": "nav"})] == [
        f"/horizon/{page}"
        for page in (
            *("", "jobs", "failed", "queues"),
            *("batches", "chains", "workflows", "schedules"),
            *("metrics", "alerts", "monitoring"),
            *("workers", "operations", "removed", "audit"),
        )
    ]


def test_every_figure_has_a_trend_and_leads_to_what_it_counts(look, stage):
    stage.plenty()
    page = look("/")
    told = [one["aria-label"] for one in page.all("svg", role="img")]
    for trend in ("Completed jobs", "Jobs that came in", "Failed jobs", "Jobs that waited or ran", "Runtime p95", "Busy slots"):
        assert any(label.startswith(trend) for label in told), trend
    for path in ("/horizon/metrics", "/horizon/workers", "/horizon/jobs?q=after:1h", "/horizon/jobs?state=completed"):
        assert page.all("a", href=path), path


def test_what_costs_points_leads_to_where_it_is_mended(look, stage):
    stage.worker(queues=("emails",))
    stage.push(queue="reports")
    for _ in range(30):
        stage.fail(queue="emails")
    stage.report(problems=("cannot import shop.jobs",))
    figures = look("/")
    assert "no worker takes from queue reports" in figures.text
    reasons = {one["href"] for one in figures.all("a")}
    assert {"/horizon/queues/reports", "/horizon/workers", "/horizon/failed?q=after:1h"} <= reasons


def test_a_silent_worker_is_marked_among_the_workers(look, stage):
    stage.worker()
    at = stage.clock.at
    stage.push()
    stage.clock.advance(300)
    stage.report(executors=(executor(4472, 12, [], at, 61_000, started_at=at),))
    page = look("/")
    assert page.all("a", href="/horizon/workers/w1")
    assert "silent" in page.text
