"""What an idle worker of the demo weighs: guardian and one executor, proportional set size (Linux)."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from benchmarks.measure import children, pss_mb, until
from benchmarks.report import Report
from benchmarks.systems import ROOT, process


def run(report: Report, folder: Path, *, quick: bool) -> None:
    """Start the demo shop's worker on an empty store, let it settle, weigh it."""
    folder.mkdir(parents=True, exist_ok=True)
    env = {"HORIZON_URL": f"sqlite:///{folder}/memory.db", "DEMO_FOLDER": str(folder), "PYTHONPATH": str(ROOT)}
    argv = [sys.executable, "-m", "horizon.cli.main", "--app", "horizon.demo.app:create_app", "work"]
    with process(argv, env, folder / "memory.log") as child:
        until(lambda: len(children(child.pid)) >= 1, 30, "the executor to start")
        time.sleep(3 if quick else 6)
        executors = children(child.pid)
        guardian = pss_mb(child.pid)
        report.add("horizon", "sqlite", "guardian, idle", guardian, "MB PSS", 1)
        report.add("horizon", "sqlite", "worker of the demo, idle", guardian + sum(map(pss_mb, executors)), "MB PSS", 1)
