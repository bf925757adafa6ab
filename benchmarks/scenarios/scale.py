"""What a million stored jobs cost: the same enqueue and drain, on a small and on a large store; and the lists."""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks.measure import percentile
from benchmarks.programs import marks
from benchmarks.report import Report
from benchmarks.systems import Ours


def _lists(report: Report, ours: Ours, stored: int) -> None:
    from horizon.core.query import JobQuery
    from horizon.core.states import JobState

    backend = ours.app.extensions["horizon"].runtime.backend()
    queries = {
        "newest": JobQuery(),
        "completed": JobQuery(states=(JobState.COMPLETED,)),
        "one class": JobQuery(name="NoOp"),
        "no match": JobQuery(name="Nothing"),
    }
    for label, query in queries.items():
        took = []
        for _ in range(20):
            started = time.perf_counter()
            backend.find(query)
            took.append((time.perf_counter() - started) * 1000)
        report.add("horizon FULL", "sqlite", f"list of 50, {label}, {stored:,} stored", percentile(took, 50), "ms", 20)


def run(report: Report, folder: Path, *, quick: bool) -> None:
    """Enqueue and drain with 10^3 and with 10^6 (quick: 10^5) ended jobs already there."""
    probe, large = (5_000, 100_000) if quick else (10_000, 1_000_000)
    figures: dict[int, tuple[float, float]] = {}
    for stored in (1_000, large):
        ours = Ours(folder / f"scale-{stored}")
        ours.enqueue_many(stored)
        ours.drain(stored)
        figures[stored] = max(ours.enqueue_many(probe) for _ in range(1)), ours.drain(probe)
        marks_path = ours.marks
        marks_path.unlink(missing_ok=True)
        for metric, value in zip(("enqueue many", "drain, 1 worker"), figures[stored], strict=True):
            report.add("horizon FULL", "sqlite", f"{metric}, {stored:,} stored", value, "jobs/s", probe)
        _lists(report, ours, stored)
    for index, metric in enumerate(("enqueue many", "drain, 1 worker")):
        report.add("horizon FULL", "sqlite", f"{metric}, {large:,} / 1,000 stored", figures[large][index] / figures[1_000][index], "x", 1)


__all__ = ["marks", "run"]
