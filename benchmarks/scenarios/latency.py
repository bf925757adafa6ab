"""How soon a job starts, how long a push takes beside a busy worker, and what waiting costs."""

from __future__ import annotations

import time
from collections.abc import Sequence

from benchmarks.asked import IDLE_50, REST
from benchmarks.measure import children, cpu_seconds, percentile, until
from benchmarks.processes import Failed
from benchmarks.programs import marks
from benchmarks.report import Report
from benchmarks.stores import Store
from benchmarks.systems import Running, System, running

EVERY = 0.02
"""Seconds between two jobs."""
ASIDE = ("bare", "tracked", "horizon, NORMAL", "horizon, 10 slots", "bare, NORMAL", "pgqueuer, 100")
"""Who is not waited for: the bare programs end when nothing is left."""


def run(report: Report, store: Store, systems: Sequence[System], *, quick: bool) -> None:
    """How soon everybody's idle worker starts a job; ours beside a drain, too."""
    for system in systems:
        if system.name in ASIDE:
            continue
        try:
            with running(system, store) as at:
                _push_to_start(report, at, quick=quick)
        except Failed as error:
            report.say(f"{system.name}'s latency is not measured: {error}")
    mine = next(system for system in systems if system.name == "horizon")
    with running(mine, store) as at:
        _push_beside_drain(report, at, quick=quick)


def _push_to_start(report: Report, at: Running, *, quick: bool) -> None:
    """200 jobs, one each 20 ms, to a worker that had nothing to do; and its CPU while it has nothing to do."""
    name, is_ours = at.system.name, at.system.name == "horizon"
    count = 50 if quick else 200 if is_ours else 100
    at.one(0)
    with at.workers() as started:
        until(at.drained, 30, "the worker to start")
        time.sleep(4 if is_ours and not quick else 2)
        pids = [pid for child in started for pid in (child.pid, *children(child.pid))]
        seconds = 10 if is_ours and not quick else 3
        before = cpu_seconds(pids)
        time.sleep(seconds)
        report.add(name, REST, (cpu_seconds(pids) - before) / seconds * 100, "% of a core", 1)
        waits = _waits(at, count, EVERY)
        if is_ours and report.backend == "mysql":
            report.add(name, IDLE_50, percentile(_waits(at, 5 if quick else 15, 1.3), 50), "ms", 15)
    for q in (50, 95, 99):
        report.add(name, f"push to start p{q}", percentile(waits, q), "ms", count)


def _waits(at: Running, count: int, every: float) -> list[float]:
    """Milliseconds from each push to its start."""
    seen = at.started()
    at.send(count, every)
    until(at.drained, 30, "the jobs to start")
    return [(started - sent) / 1e6 for started, sent in marks.read(at.marks)[seen:] if sent]


def _push_beside_drain(report: Report, at: Running, *, quick: bool) -> None:
    """A lone push every 20 ms while a worker drains at full speed."""
    backlog, count = (20_000, 20) if quick else (80_000, 150)
    at.many(backlog)
    with at.workers():
        until(lambda: at.started() > 100, 30, "the worker to start")
        took = at.send(count, EVERY)
        left = at.pushed - at.started()
    note = "" if left > 0 else "(the worker had finished before)"
    for q in (50, 99):
        report.add("horizon", f"lone push beside a drain p{q}", percentile(took, q), "ms", count, note)
