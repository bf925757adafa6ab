"""How many jobs a second go in and come out: ours, the bare program, peers."""

from __future__ import annotations

from pathlib import Path

from benchmarks.peers import python_of
from benchmarks.report import Report
from benchmarks.systems import Bare, Huey, Ours


def run(report: Report, folder: Path, *, quick: bool, peers: bool) -> None:
    """Enqueue one by one, enqueue many, drain; each system on a fresh database, in turns, the best of five rounds.

    The best, not the mean: whatever else the machine does can only slow a run down.
    """
    rounds, one, many = (1, 300, 5_000) if quick else (5, 1_000, 20_000)
    best: dict[tuple[str, str], tuple[float, int]] = {}

    def note(system: str, metric: str, value: float, n: int) -> None:
        best[system, metric] = max(best.get((system, metric), (0.0, n)), (value, n))

    for turn in range(rounds):
        for synchronous in ("FULL", "NORMAL"):
            for system in (
                Bare(folder / f"bare-{synchronous}-{turn}", synchronous),
                Ours(folder / f"ours-{synchronous}-{turn}", synchronous),
            ):
                name = f"{'bare' if isinstance(system, Bare) else 'horizon'} {synchronous}"
                note(name, "enqueue one by one", system.enqueue_one(one), one)
                note(name, "enqueue many", system.enqueue_many(many), many)
                note(name, "drain, 1 worker", system.drain(many), many)
        if peers:
            huey = Huey(folder / f"huey-{turn}", python_of("huey"))
            note("huey", "enqueue one by one", huey.enqueue_one(many // 4), many // 4)
            note("huey", "drain, 1 worker", huey.drain(many // 4), many // 4)
    for (system_name, metric), (value, n) in best.items():
        report.add(system_name, "sqlite", metric, value, "jobs/s", n)
    for synchronous in ("FULL", "NORMAL"):
        for metric in ("enqueue one by one", "enqueue many", "drain, 1 worker"):
            report.ratio(metric, f"horizon {synchronous}", f"bare {synchronous}", "sqlite")
        report.ratio("drain, 1 worker", f"horizon {synchronous}", "huey", "sqlite")
