"""Measure: `python -m benchmarks --backend sqlite [--peers] [--quick] [--json] [--only throughput,latency,scale,memory,pages]`.

Every system runs in real processes on a fresh store, one after the other in the same run, so that ratios mean
something on a noisy machine. Load is bounded in count and time; nothing leaves this machine.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks.report import Report
from benchmarks.scenarios import latency, memory, pages, scale, throughput

SCENARIOS = ("throughput", "latency", "scale", "memory", "pages")


def main() -> None:
    """Parse, run, report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure Horizon beside the bare program and peers.")
    parser.add_argument("--backend", choices=["sqlite"], default="sqlite")
    parser.add_argument("--peers", action="store_true", help="measure huey 3.5 as well (installed into an environment of its own)")
    parser.add_argument("--quick", action="store_true", help="fewer jobs, one round: to see that it runs")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--only", default=",".join(SCENARIOS), help="scenarios, comma-separated")
    given = parser.parse_args()
    report, wanted = Report(as_json=given.json), given.only.split(",")
    with tempfile.TemporaryDirectory(prefix="horizon-bench-") as made:
        folder = Path(made)
        if "throughput" in wanted:
            throughput.run(report, folder, quick=given.quick, peers=given.peers)
        if "latency" in wanted:
            latency.run(report, folder, quick=given.quick)
        if "scale" in wanted:
            scale.run(report, folder, quick=given.quick)
        if "memory" in wanted:
            memory.run(report, folder / "memory", quick=given.quick)
        if "pages" in wanted:
            pages.run(report, folder / "pages", quick=given.quick)


if __name__ == "__main__":
    main()
