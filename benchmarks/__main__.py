"""Measure: `python -m benchmarks --backend sqlite|postgres|mysql|redis [--peers] [--quick] [--json] [--only A,B] [--stored N]
[--scheduled N]`.

Every system runs in real processes on a fresh database, one after the other in the same run, so that ratios mean
something on a noisy machine. Load is bounded in count and time; nothing leaves this machine.
"""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
from collections.abc import Sequence

from benchmarks.asked import judge
from benchmarks.lineup import lineup
from benchmarks.processes import Failed
from benchmarks.report import Report
from benchmarks.scenarios import due, groups, latency, memory, stored, throughput, watching
from benchmarks.stores import Store, opened
from benchmarks.systems import System

SCENARIOS = ("throughput", "latency", "groups", "memory", "scale", "pages", "watching", "due")
USUAL = "throughput,latency,groups,memory,scale"


def given() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure Horizon beside the bare program and peers.")
    parser.add_argument("--backend", choices=["sqlite", "postgres", "mysql", "redis"], default="sqlite")
    parser.add_argument("--peers", action="store_true", help="other queues on the same store too (each in an environment of its own)")
    parser.add_argument("--quick", action="store_true", help="fewer jobs, one round: to see that it runs")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument(
        "--only", default=USUAL, help=f"some of {', '.join(SCENARIOS)}, comma-separated; left out: all but pages, watching and due"
    )
    parser.add_argument(
        "--stored", type=int, default=100_000, metavar="N", help="jobs in the large store of scale, pages and watching (100,000)"
    )
    parser.add_argument("--scheduled", type=int, default=1_000_000, metavar="N", help="jobs for later in the store of due (1,000,000)")
    said = parser.parse_args()
    said.only = said.only.split(",")
    for name in said.only:
        if name not in SCENARIOS:
            parser.error(f"--only takes some of {', '.join(SCENARIOS)}; got {name!r}")
    return said


def main() -> None:
    """Open the store, run what is wanted, judge."""
    said = given()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything started is ended
    report = Report(said.backend, as_json=said.json)
    systems = lineup(report, quick=said.quick, peers=said.peers)
    with opened(said.backend) as store:
        report.say(f"{os.cpu_count()} processor cores, {platform.system()}, Python {platform.python_version()}; {store.words}")
        measure(report, store, systems, said)
    if said.backend == "mysql" and "throughput" in said.only:
        throughput.elsewhere(report, quick=said.quick)
    judge(report)


def measure(report: Report, store: Store, systems: Sequence[System], said: argparse.Namespace) -> None:
    """The wanted scenarios, in the order in which they are least in each other's way."""
    mine = next(system for system in systems if system.name == "horizon")
    large = min(said.stored, 20_000) if said.quick else said.stored
    steps = {
        "throughput": lambda: throughput.run(report, store, systems, quick=said.quick),
        "latency": lambda: latency.run(report, store, systems, quick=said.quick),
        "groups": lambda: groups.run(report, store, mine, quick=said.quick),
        "memory": lambda: memory.run(report, store, mine, quick=said.quick),
        "scale": lambda: stored.run(report, store, mine, large=large, quick=said.quick, with_pages="pages" in said.only),
        "due": lambda: due.run(report, store, mine, stored=min(said.scheduled, 20_000) if said.quick else said.scheduled),
        "pages": lambda: stored.pages_alone(report, store, mine, large=large, quick=said.quick),
        "watching": lambda: watching.run(report, store, mine, large=large, quick=said.quick),
    }
    for name in SCENARIOS:
        if name in said.only and not (name == "pages" and "scale" in said.only):
            try:
                steps[name]()
            except Failed as error:
                report.say(f"{name} is not measured: {error}")


if __name__ == "__main__":
    main()
