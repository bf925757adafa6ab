"""JobMetrics and JobMonitor over real stores; each test runs on every store that is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from horizon import Horizon, JobMetrics, JobMonitor
from horizon.core import current
from horizon.core.clock import DAY, HOUR, SECOND, ManualClock, to_datetime
from horizon.core.errors import BackendUnavailable, InvalidOption, NoApp, NotFound
from horizon.core.outcome import Kind
from horizon.core.settings import Settings
from horizon.jobs.registry import REGISTRY
from horizon.jobs.routing import Routing
from tests.conformance.conftest import kind  # noqa: F401
from tests.conformance.driver import Driver, open_store
from tests.monitor.jobs import MonitoredEmail, tidy
from tests.shop import Shop

EMAIL = "monitored-email"


class Site(Shop):
    """An app's stores, the default one of the kind that a test runs on, and a driver of it."""

    def __init__(self, store: Any, clock: ManualClock) -> None:
        super().__init__(clock)
        self.stores["default"] = store
        self.registry, self.routing, self.settings = REGISTRY, Routing(), Settings({}, environ={})
        self.drive = Driver(store, clock)

    def work(self, *seconds: float, end: Kind = Kind.COMPLETED, name: str = EMAIL, queue: str = "emails", **more: Any) -> None:
        """Push a job for each of these runtimes, and run it."""
        for took in seconds:
            id = self.drive.push(name=name, queue=queue)
            got = self.drive.take(id)
            ended = {"error": None, **more} if end is Kind.COMPLETED else more
            {Kind.COMPLETED: self.drive.complete, Kind.FAILED: self.drive.fail}[end](got, runtime=round(took * SECOND), **ended)


@pytest.fixture
def site(kind: str, tmp_path: Path, clock: ManualClock) -> Iterator[Site]:  # noqa: F811
    clock.at += 10 * HOUR - clock.at % DAY
    made = Site(open_store(kind, tmp_path, clock), clock)
    with current.use(made):
        yield made
    for store in made.stores.values():
        store.close()


def test_the_metrics_of_a_class(site: Site, clock: ManualClock):
    site.work(1, 2, 3, memory_kb=4096)
    site.work(10, end=Kind.FAILED)
    site.work(99, name="shop:Other")
    found = JobMetrics.get_job_metrics("MonitoredEmail")
    assert (found.name, found.pushed, found.completed, found.failed, found.attempts) == (EMAIL, 4, 3, 1, 4)
    assert found.success_rate == 0.75
    assert found.avg_execution_time == 4.0
    assert found.p50 == pytest.approx(2, rel=0.05)
    assert found.p95 == found.p99 == pytest.approx(10, rel=0.05)
    assert (found.runtime.longest, found.wait.count, found.peak_memory_mb) == (10.0, 4, 4.0)
    assert found.until == to_datetime(clock.at)
    assert found == JobMetrics.get_job_metrics(MonitoredEmail) == JobMetrics.get_job_metrics(EMAIL)


def test_a_class_that_has_not_run_has_zeros_and_nones(site: Site):
    found = JobMetrics.get_job_metrics(tidy)
    assert (found.pushed, found.ended, found.success_rate, found.avg_execution_time, found.p95) == (0, 0, None, None, None)


def test_metrics_are_of_the_past_day_or_of_the_time_asked_for(site: Site, clock: ManualClock):
    site.work(1)
    clock.advance(3 * 3600)
    site.work(2, 2)
    begin = clock.at
    clock.advance(1800)
    assert JobMetrics.get_job_metrics("MonitoredEmail").completed == 3
    assert JobMetrics.get_job_metrics("MonitoredEmail", since=3600).completed == 2
    assert JobMetrics.get_job_metrics("MonitoredEmail", since=timedelta(minutes=5)).completed == 0
    assert JobMetrics.get_job_metrics("MonitoredEmail", since=to_datetime(begin)).completed == 2
    assert JobMetrics.get_job_metrics("MonitoredEmail", since=86_400, until=to_datetime(begin - 2 * HOUR)).completed == 1
    with pytest.raises(InvalidOption, match="begin in the past"):
        JobMetrics.get_job_metrics("MonitoredEmail", since=0)


def test_metrics_stay_whole_while_minutes_become_hours_and_days(site: Site, clock: ManualClock):
    for _ in range(4):
        site.work(1, 5)
        clock.advance(1800)
    before = JobMetrics.get_job_metrics("MonitoredEmail")
    for wait, since in ((4 * 3600, 86_400), (9 * 86_400, 20 * 86_400), (60 * 86_400, 100 * 86_400)):
        site.drive.jump(wait)
        site.drive.jump(1)
        after = JobMetrics.get_job_metrics("MonitoredEmail", since=since)
        assert (after.completed, after.runtime, after.wait) == (before.completed, before.runtime, before.wait)


def test_what_ran_under_a_former_name_counts_for_the_class_of_today(site: Site):
    REGISTRY.add(MonitoredEmail, EMAIL, ("monitored.of.old:MonitoredEmail",))
    site.work(1, name="monitored.of.old:MonitoredEmail")
    site.work(3)
    assert JobMetrics.get_job_metrics("MonitoredEmail").avg_execution_time == 2.0
    assert JobMetrics.get_job_metrics("monitored.of.old:MonitoredEmail").name == EMAIL


def test_metrics_of_one_queue_or_one_connection(site: Site):
    site.work(1)
    site.work(3, queue="slow")
    site.push(2, connection="archive", queue="emails")
    assert JobMetrics.get_job_metrics("MonitoredEmail", queue="slow").avg_execution_time == 3.0
    assert JobMetrics.get_job_metrics("MonitoredEmail", connection="archive").pushed == 0
    assert JobMetrics.get_job_metrics("shop:Send").pushed == 2
    with pytest.raises(NotFound, match=r"no connection 'nowhere'; there are: default, archive"):
        JobMetrics.get_job_metrics("MonitoredEmail", connection="nowhere")


def test_an_unknown_job_is_answered_with_the_nearest(site: Site):
    with pytest.raises(NotFound, match="no job called 'MonitoredEmial'; did you mean monitored-email"):
        JobMetrics.get_job_metrics("MonitoredEmial")


def test_the_figures_of_a_queue(site: Site, clock: ManualClock):
    site.work(1, 1)
    site.work(1, end=Kind.FAILED)
    ids = site.drive.push_many(3, name=EMAIL, queue="emails")
    site.drive.push(name=EMAIL, queue="emails", delay=90 * SECOND)
    site.drive.take(ids[0])
    clock.advance(7)
    found = JobMetrics.get_queue_stats("emails")
    assert (found.name, found.connections) == ("emails", ("default",))
    assert (found.pending, found.processing, found.scheduled, found.completed, found.failed) == (2, 1, 1, 2, 1)
    assert (found.waiting, found.oldest_age) == (3, 7.0)
    assert (found.jobs_per_minute, found.in_per_minute) == (3.0, 7.0)
    assert (found.workers, found.slots, found.paused) == (1, 1, False)


def test_a_queue_on_two_connections_is_one_queue(site: Site, clock: ManualClock):
    site.drive.push_many(2, queue="mail")
    clock.advance(5)
    site.push(3, connection="archive", queue="mail")
    assert JobMetrics.get_queue_stats("mail").pending == 5
    assert JobMetrics.get_queue_stats("mail").connections == ("default", "archive")
    assert JobMetrics.get_queue_stats("mail", connection="archive").pending == 3
    site.stores["archive"].queues.pause("mail")
    assert JobMetrics.get_queue_stats("mail").paused is False
    site.stores["default"].queues.pause("mail")
    assert JobMetrics.get_queue_stats("mail").paused is True


def test_a_queue_that_only_code_names_is_empty_and_an_unknown_one_is_refused(site: Site):
    site.routing.define_queue("night-shift")
    assert JobMetrics.get_queue_stats("night-shift").waiting == 0
    assert JobMetrics.get_queue_stats("tidying").connections == ()
    with pytest.raises(NotFound, match="queue 'night-shfit'; did you mean night-shift"):
        JobMetrics.get_queue_stats("night-shfit")


def test_the_monitor_counts(site: Site):
    site.work(2, 4)
    site.work(9, end=Kind.FAILED, queue="slow")
    site.drive.push_many(3, queue="slow")
    site.push(1, connection="archive", queue="mail")
    assert {name: (one.pending, one.failed) for name, one in JobMonitor.get_queue_stats().items()} == {
        "emails": (0, 0), "mail": (1, 0), "slow": (3, 1),
    }  # fmt: skip
    assert (JobMonitor.get_failed_jobs_count(), JobMonitor.get_failed_jobs_count("slow"), JobMonitor.get_failed_jobs_count("emails")) == (
        1,
        1,
        0,
    )
    assert (JobMonitor.get_pending_jobs_count(), JobMonitor.get_pending_jobs_count(connection="archive")) == (4, 1)
    assert JobMonitor.get_average_processing_time() == 5.0
    assert JobMonitor.get_average_processing_time(queue="emails") == 3.0
    assert JobMonitor.get_average_processing_time(queue="mail") is None
    with pytest.raises(NotFound, match="did you mean slow"):
        JobMonitor.get_average_processing_time(queue="slo")


class Dead:
    """A store that does not answer."""

    name = "archive"

    def __getattr__(self, name: str) -> Any:
        raise BackendUnavailable("gone")

    def close(self) -> None: ...


def test_another_store_that_does_not_answer_is_left_out_and_when_named_it_is_an_error(site: Site):
    site.work(2)
    site.stores["archive"] = Dead()
    assert JobMetrics.get_job_metrics("MonitoredEmail").completed == 1
    assert JobMetrics.get_queue_stats("emails").completed == 1
    with pytest.raises(BackendUnavailable):
        JobMetrics.get_queue_stats("emails", connection="archive")


# which app is meant ------------------------------------------------------------------------------------------------------


@pytest.fixture
def make_app(tmp_path: Path) -> Iterator[Callable[[str], Flask]]:
    made: list[Flask] = []

    def make(name: str) -> Flask:
        app = Flask(name, instance_path=str(tmp_path / name))
        app.config.update(HORIZON_URL="memory://", HORIZON_SCHEDULER=False)
        Horizon(app)
        made.append(app)
        return app

    current._known[:] = []
    yield make
    for app in made:
        app.extensions["horizon"].runtime.close()


def test_the_only_app_is_meant_and_of_several_the_one_whose_context_is_active(make_app: Callable[[str], Flask]):
    one = make_app("one")
    MonitoredEmail.dispatch()
    assert JobMonitor.get_pending_jobs_count() == 1
    two = make_app("two")
    with two.app_context():
        assert (JobMonitor.get_pending_jobs_count(), JobMetrics.get_job_metrics(MonitoredEmail).pushed) == (0, 0)
    with one.app_context():
        assert (JobMonitor.get_pending_jobs_count(), JobMetrics.get_job_metrics(MonitoredEmail).pushed) == (1, 1)
    with pytest.raises(NoApp, match="2 apps"):
        JobMonitor.get_pending_jobs_count()


def test_without_an_app_it_says_what_to_do():
    current._known[:] = []
    with pytest.raises(NoApp, match="create your Flask app"):
        JobMetrics.get_queue_stats("emails")
