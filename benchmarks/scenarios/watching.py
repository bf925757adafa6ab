"""What watching costs: processor time of a page that refreshes itself, with news each time; and how long a browser that has nothing yet
takes to show a page."""

from __future__ import annotations

import html
import importlib
import json
import re
import shutil
from collections.abc import Mapping

from benchmarks.asked import FIRST_50, REFRESH
from benchmarks.dashboard import PREFIX, Served, Visitor, served
from benchmarks.measure import cpu_seconds, percentile, until
from benchmarks.report import Report
from benchmarks.scenarios.stored import fill
from benchmarks.stores import Store
from benchmarks.systems import System, running

PAGES = {
    "overview": "/", "jobs": "/jobs", "jobs, failed": "/jobs?state=failed", "jobs of a queue": "/jobs?q=queue:queue-07", "failed": "/failed",
    "causes": "/failed?view=causes", "queues": "/queues", "queue": "/queues/queue-07", "workers": "/workers", "batches": "/batches",
    "schedules": "/schedules", "monitoring": "/monitoring", "alerts": "/alerts", "metrics, 24 h": "/metrics?range=24h",
}  # fmt: skip
LOADED = ("overview", "jobs", "job", "queues", "metrics, 24 h")
HEADERS = re.compile(rb"hx-headers='([^']*)'")
BROWSER = "chromium-headless-shell"


def run(report: Report, store: Store, system: System, *, large: int, quick: bool) -> None:
    """Serve a store with so many ended jobs, let a worker run, and watch each page by itself."""
    rounds, waiting = (5, 40_000) if quick else (40, 600_000)
    with running(system, store) as at:
        fill(at, large)
        store.settle(at.address)
        at.many(waiting)
        with served(at) as site:
            pages = {**PAGES, "job": f"/jobs/{Visitor(site.port).first('/api/jobs?state=failed&limit=1')['id']}"}
            _first_loads(report, site, {label: pages[label] for label in LOADED}, visits=3 if quick else 15)
            with at.workers():
                until(lambda: at.started() > 0, 30, "the worker to begin")
                _refreshes(report, site, pages, rounds)
                if at.drained():
                    report.say("the worker had nothing left to do before the last refresh")


def _refreshes(report: Report, site: Served, pages: Mapping[str, str], rounds: int) -> None:
    means = {}
    for label, path in pages.items():
        visitor = Visitor(site.port)
        _, _, body = visitor.get(path)
        answered, before = 0, cpu_seconds(site.family())
        for _ in range(rounds):
            status, _, news = visitor.get(path, _asks(body))
            answered += status == 200
            body = news or body
        means[label] = (cpu_seconds(site.family()) - before) / rounds * 1000
        report.add("horizon", f"refresh, {label}", means[label], "ms of processor time", rounds, f"({answered} with news)")
    report.add("horizon", REFRESH, max(means.values()), "ms of processor time", rounds)


def _asks(body: bytes) -> dict[str, str]:
    """What a page sends when it asks for news of itself right after an act of its viewer: no look is shared, all is read anew for it."""
    found = HEADERS.search(body)
    if found is None:
        raise RuntimeError("expected a page that asks for news of itself; got one without hx-headers")
    said: dict[str, str] = json.loads(html.unescape(found[1].decode()))
    return {"HX-Request": "true", "HX-Target": "live", "Horizon-Afresh": "1", **said}


def _first_loads(report: Report, site: Served, pages: Mapping[str, str], visits: int) -> None:
    program = shutil.which(BROWSER)
    try:
        browsers = importlib.import_module("playwright.sync_api")
    except ImportError:
        browsers = None
    if browsers is None or program is None:
        report.say(f"no first load was measured: that takes {BROWSER} and playwright, which the tests install")
        return
    took: dict[str, list[float]] = {}
    with browsers.sync_playwright() as player:
        for _ in range(visits):
            for label, path in pages.items():
                browser = player.chromium.launch(executable_path=program, args=["--no-sandbox"])
                page = browser.new_page()
                page.goto(f"http://127.0.0.1:{site.port}{PREFIX}{path}", wait_until="load")
                loaded = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventStart")
                took.setdefault(label, []).append(float(loaded))
                browser.close()
    took["every page"] = [one for times in took.values() for one in times]
    for label, times in took.items():
        report.add("horizon", f"first load of a new browser, {label}, p50", percentile(times, 50), "ms", len(times))
    report.add("horizon", FIRST_50, percentile(took["every page"], 50), "ms", len(took["every page"]))
