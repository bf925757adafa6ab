"""How soon pages begin to come with a million stored jobs, while a worker drains at full speed beside; and how large they are."""

from __future__ import annotations

import json
from collections.abc import Mapping

from benchmarks.dashboard import Visitor, served
from benchmarks.measure import percentile, until
from benchmarks.report import Report
from benchmarks.systems import Running

DEEP = 40
"""Pages of 200 that a deep page lies behind."""
PAGES = {
    "overview": "/", "jobs": "/jobs", "jobs, 50 rows": "/jobs?limit=50", "jobs, completed": "/jobs?state=completed",
    "jobs, failed": "/jobs?state=failed", "jobs of a queue": "/jobs?q=queue:queue-07", "jobs of a class": "/jobs?q=class:Job42",
    "jobs with a tag": "/jobs?q=tag:customer:123", "jobs by error": "/jobs?q=state:failed+error:OSError", "failed": "/failed",
    "causes": "/failed?view=causes", "queues": "/queues", "queue": "/queues/queue-07", "workers": "/workers", "audit": "/audit",
    "removed": "/removed", "operations": "/operations", "search, 5,000 rows for nothing": "/jobs?q=nowhere",
    "search by argument": "/jobs?q=queue:queue-07+arg:nowhere", "API, jobs": "/api/jobs", "API, failures": "/api/failures",
    "API, queues": "/api/queues", "tag": "/monitoring/jobs?tag=customer:123", "metrics, 1 h": "/metrics?range=1h",
    "metrics, 24 h": "/metrics?range=24h", "metrics, 30 d": "/metrics?range=30d", "metrics of a class": "/metrics/jobs/shop.area2:Job42",
    "metrics of a queue": "/metrics/queues/queue-07", "jobs of a state, queue, class and tag":
    "/jobs?q=state:completed+queue:queue-07+class:Job6+tag:customer:123", "jobs by runtime, 5,000 rows for nothing":
    "/jobs?q=state:completed+took%3E60s",
}  # fmt: skip


def _deep(visitor: Visitor, state: str) -> str:
    """The address of a page far down a list."""
    cursor = ""
    for _ in range(DEEP):
        _, _, body = visitor.get(f"/api/jobs?state={state}&limit=200&cursor={cursor}")
        cursor = json.loads(body)["next"] or cursor
    return f"/jobs?state={state}&cursor={cursor}"


def _addresses(visitor: Visitor) -> Mapping[str, str]:
    more = {
        "job": f"/jobs/{visitor.first('/api/jobs?state=failed&limit=1')['id']}",
        "cause": f"/failed/causes/{visitor.first('/api/causes')['cause']}",
        "deep, completed": _deep(visitor, "completed"),
        "deep, failed": _deep(visitor, "failed"),
    }
    addresses = {**PAGES, **more}
    if wrong := {label: status for label, path in addresses.items() if (status := visitor.get(path)[0]) != 200}:
        raise RuntimeError(f"expected 200 from every page; got {wrong}")
    return addresses


def run(report: Report, at: Running, *, quick: bool) -> None:
    """Serve a filled store, drain, and visit every page in turns."""
    rounds, waiting = (5, 20_000) if quick else (100, 600_000)
    at.many(waiting)
    with served(at) as site:
        visitor = Visitor(site.port)
        addresses = _addresses(visitor)
        with at.workers():
            until(lambda: at.started() > 0, 30, "the worker to begin")
            took, sizes = _visit(Visitor(site.port), addresses, rounds)
            if at.drained():
                report.say("the worker had nothing left to do before the last page was visited")
    took["every page"] = [milliseconds for times in took.values() for milliseconds in times]
    for label, times in took.items():
        report.add("horizon", f"first byte, {label}, p50", percentile(times, 50), "ms", len(times))
        report.add("horizon", f"first byte, {label}, p99", percentile(times, 99), "ms", len(times))
    for label, size in sizes.items():
        report.add("horizon", f"HTML, {label}", size / 1000, "kB", 1)


def _visit(visitor: Visitor, addresses: Mapping[str, str], rounds: int) -> tuple[dict[str, list[float]], dict[str, int]]:
    took: dict[str, list[float]] = {label: [] for label in addresses}
    sizes: dict[str, int] = {}
    for _ in range(rounds):
        for label, path in addresses.items():
            _, milliseconds, body = visitor.get(path)
            took[label].append(milliseconds)
            sizes[label] = max(sizes.get(label, 0), len(body))
    return took, sizes
