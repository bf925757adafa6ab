"""What an idle worker weighs: guardian and one executor, proportional set size (Linux), beyond a bare Flask app's."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from benchmarks.asked import BEYOND
from benchmarks.measure import children, pss_mb, until
from benchmarks.processes import ROOT, process
from benchmarks.report import Report
from benchmarks.stores import Store
from benchmarks.systems import System, running


def run(report: Report, store: Store, system: System, *, quick: bool) -> None:
    """Weigh a bare Flask app, then a worker that waits, then the same worker after it has run some jobs."""
    settle = 3 if quick else 6
    with running(system, store) as at:
        flask = _flask(at.folder)
        report.add("flask", "bare app", flask, "MB PSS", 1)
        at.one(0)
        with at.workers() as (worker,):
            until(at.drained, 30, "the worker to start")
            time.sleep(settle)
            report.add("horizon", "guardian, idle", pss_mb(worker.pid), "MB PSS", 1)
            whole = sum(map(pss_mb, [worker.pid, *children(worker.pid)]))
            report.add("horizon", "idle worker, guardian and executor", whole, "MB PSS", 1)
            report.add("horizon", BEYOND, whole - flask, "MB PSS", 1)
            at.many(1_000)
            until(at.drained, 30, "the jobs to run")
            time.sleep(settle)
            later = sum(map(pss_mb, [worker.pid, *children(worker.pid)]))
            report.add("horizon", "the same after 1,000 jobs", later - flask, "MB PSS", 1)


def _flask(folder: Path) -> float:
    with process([sys.executable, "-m", "benchmarks.programs.flask_app"], {"PYTHONPATH": str(ROOT)}, folder / "flask.log") as child:
        time.sleep(3)
        return pss_mb(child.pid)
