"""Very many jobs for later, of which a thousand become due at once; what a tick costs that finds nothing; schedules that are due together."""

from __future__ import annotations

import json

from benchmarks.asked import IDLE_TICK, PROMOTED, SCHEDULED_95
from benchmarks.report import Report
from benchmarks.stores import Store
from benchmarks.systems import System, running


def run(report: Report, store: Store, system: System, *, stored: int) -> None:
    """One program on a fresh store."""
    with running(system, store) as at:
        took: dict[str, float] = json.loads(at.program("benchmarks.programs.due", stored, seconds=120 + stored / 500))
    of = f"{stored:,} scheduled"
    report.add("horizon", PROMOTED, took["promote_s"], "s", 1_000, f"({of}, {took['promote_ticks']:.0f} ticks)")
    report.add("horizon", f"{PROMOTED}, processor time", took["promote_cpu_s"], "s", 1_000, f"({of})")
    report.add("horizon", IDLE_TICK, took["idle_ms"], "ms", 200, f"({of})")
    report.add("horizon", f"{IDLE_TICK}, processor time", took["idle_cpu_ms"], "ms", 200, f"({of})")
    report.add("horizon", SCHEDULED_95, took["schedule_p95_ms"], "ms", int(took["schedules"]))
    report.add("horizon", "schedules due at once, processor time of all", took["schedule_cpu_ms"], "ms", int(took["schedules"]))
