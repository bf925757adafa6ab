"""What groups cost: a batch drained beside as many plain jobs, and how soon the next step of a chain starts."""

from __future__ import annotations

from itertools import pairwise
from statistics import median

from benchmarks.asked import BATCH_PACE, BATCH_WORK, STEP_50, STEP_95, STEP_99
from benchmarks.measure import children, cpu_seconds, percentile, rate, until
from benchmarks.programs import marks
from benchmarks.report import Report
from benchmarks.stores import Served, Store
from benchmarks.systems import Running, System, running

PROGRAM = "benchmarks.programs.ours_groups"
Figures = tuple[float, float]
"""Jobs per second, and microseconds of processor time a job."""


def run(report: Report, store: Store, system: System, *, quick: bool) -> None:
    """A batch and plain jobs in turns; then chains."""
    _batches(report, store, system, count=2_500 if quick else 10_000, rounds=1 if quick else 5)
    _chains(report, store, system, steps=50 if quick else 200, rounds=1 if quick else 3)


def _batches(report: Report, store: Store, system: System, *, count: int, rounds: int) -> None:
    seen: dict[str, list[Figures]] = {"plain": [], "batch": []}
    for number in range(rounds):
        for what in ("plain", "batch") if number % 2 else ("batch", "plain"):  # whoever is second has it warmer
            with running(system, store) as at:
                seen[what].append(_drained(at, store, what, count))
    for what, figures in seen.items():
        report.add("horizon", f"drain, {what} of {count:,}", [pace for pace, _ in figures], "jobs/s", count)
        report.add("horizon", f"processor time, {what} of {count:,}", [work for _, work in figures], "us/job", count)
    ratios = list(zip(seen["batch"], seen["plain"], strict=True))
    report.add("horizon", BATCH_PACE, [batch[0] / plain[0] for batch, plain in ratios], "x", count)
    work = {what: median(work for _, work in figures) for what, figures in seen.items()}
    report.add("horizon", BATCH_WORK, work["plain"] / work["batch"], "x", count, "(executor and server)")


def _drained(at: Running, store: Store, what: str, count: int) -> Figures:
    """Of one worker that meets so many jobs: its pace; its work and the server's from the first tenth to the end."""
    at.program(PROGRAM, what, count)
    with at.workers() as (worker,):
        until(lambda: at.started() >= count // 10, 60, "the worker to start")
        pids = [worker.pid, *children(worker.pid), *_server(store)]
        before, from_here = cpu_seconds(pids), at.started()
        until(lambda: at.started() >= count, 60 + count / 25, f"the worker to finish (see {at.folder}/worker.log)")
        work = cpu_seconds(pids) - before
    times = [started for started, _ in marks.read(at.marks)]
    return rate(times), work / (count - from_here) * 1e6


def _server(store: Store) -> list[int]:
    """Its processes, those that serve our connections among them."""
    return [store.server.pid, *children(store.server.pid)] if isinstance(store, Served) else []


def _chains(report: Report, store: Store, system: System, *, steps: int, rounds: int) -> None:
    """From the start of each step to that of the next, where nobody has anything else to do: the step itself does nothing."""
    waits: list[float] = []
    with running(system, store) as at, at.workers():
        for number in range(1, rounds + 1):
            at.program(PROGRAM, "chain", steps)
            until(lambda: at.started() >= steps * number, 60, "the steps to start")  # noqa: B023
            times = sorted(started for started, _ in marks.read(at.marks))[-steps:]
            waits += [(later - sooner) / 1e6 for sooner, later in pairwise(times)]
    for q, metric in ((50, STEP_50), (95, STEP_95), (99, STEP_99)):
        report.add("horizon", metric, percentile(waits, q), "ms", len(waits))
