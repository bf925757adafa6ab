"""What every test shares: with CI=true nothing may be skipped for want of something, and a slow machine is no failure anywhere."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from horizon.core import current
from horizon.jobs.routing import PROCESS

pytest_plugins = ["tests.servers.fixtures", "tests.stores.plugin", "tests.compiled", "tests.thrift", "tests.leftovers", "tests.draws"]

IN_CI = os.environ.get("CI", "").lower() in ("1", "true")

# Hypothesis has a profile of its own for CI, which it takes by itself; at home too no test asserts how long something took.
settings.register_profile("home", deadline=None, suppress_health_check=[HealthCheck.too_slow])
if not IN_CI:
    settings.load_profile("home")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """A test that was skipped has failed, where everything it needs should be there."""
    report = yield
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        _fail(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """The same for a whole module."""
    report = yield
    if IN_CI and report.skipped:
        _fail(report)
    return report


def _fail(report: pytest.TestReport | pytest.CollectReport) -> None:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    report.outcome = "failed"
    report.longrepr = f"skipped with CI=true, where nothing may be missing: {reason}"


@pytest.fixture(autouse=True)
def _process_as_it_was() -> Iterator[None]:
    """Apps and process-wide queues of one test are none of the next one's: their order must not matter."""
    apps, queues, routes, limits = list(current._known), dict(PROCESS._queues), list(PROCESS._routes), dict(PROCESS._limits)
    yield
    current._known[:], PROCESS._queues, PROCESS._routes, PROCESS._limits = apps, queues, routes, limits
