"""How soon a job starts, how long a push takes beside a busy worker, and what waiting costs."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from benchmarks.measure import children, cpu_seconds, percentile, until
from benchmarks.programs import marks
from benchmarks.report import Report
from benchmarks.systems import TEXT, Ours


def _started(ours: Ours, count: int) -> bool:
    return len(marks.read(ours.marks)) >= count


def push_to_start(report: Report, folder: Path, *, quick: bool) -> None:
    """200 jobs, one each 20 ms, to a worker that had nothing to do; and its CPU while it has nothing to do."""
    count, ours = (50 if quick else 200), Ours(folder / "latency")
    with ours.app.app_context(), ours.worker() as child:
        ours.job.dispatch(TEXT)
        until(lambda: _started(ours, 1), 30, "the worker to start")
        time.sleep(2)
        pids, seconds = [child.pid, *children(child.pid)], 3 if quick else 10
        before = cpu_seconds(pids)
        time.sleep(seconds)
        report.add("horizon FULL", "sqlite", "idle worker", (cpu_seconds(pids) - before) / seconds * 100, "% of a core", 1)
        for _ in range(count):
            ours.job.dispatch(TEXT, time.monotonic_ns())
            time.sleep(0.02)
        until(lambda: _started(ours, count + 1), 30, "the jobs to start")
    waits = [(started - sent) / 1e6 for started, sent in marks.read(ours.marks) if sent]
    for q in (50, 99):
        report.add("horizon FULL", "sqlite", f"push to start p{q}", percentile(waits, q), "ms", count)


def push_beside_drain(report: Report, folder: Path, *, quick: bool) -> None:
    """A lone push every 20 ms while a worker drains at full speed."""
    backlog, ours = (20_000 if quick else 80_000), Ours(folder / "beside")
    ours.enqueue_many(backlog)
    took: list[float] = []
    with ours.worker("--stop-when-empty") as child:
        until(lambda: _started(ours, 100), 30, "the worker to start")
        with ours.app.app_context():
            while child.poll() is None and not _started(ours, backlog * 9 // 10) and len(took) < 500:
                started = time.perf_counter()
                ours.job.dispatch(TEXT)
                took.append((time.perf_counter() - started) * 1000)
                time.sleep(0.02)
    for q in (50, 99):
        report.add("horizon FULL", "sqlite", f"lone push beside a drain p{q}", percentile(took, q), "ms", len(took))


def run(report: Report, folder: Path, *, quick: bool) -> None:
    """Both."""
    assert threading.active_count() == 1, "a stray thread would be measured too"
    push_to_start(report, folder, quick=quick)
    push_beside_drain(report, folder, quick=quick)
