"""What many stored jobs cost: the same enqueue and drain on a small and on a large store, the lists, the dashboard's pages."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

from benchmarks.asked import DRAIN_LOSS, ENQUEUE_LOSS
from benchmarks.report import Report
from benchmarks.scenarios import pages
from benchmarks.stores import Store
from benchmarks.systems import Running, System, running

SMALL = 1_000
ROUNDS = 5
PROBE = 30_000
"""Jobs that go in and come out each time: a second or more of work on the fastest store."""
Figures = tuple[float, float]
"""Jobs per second in, and out."""


def run(report: Report, store: Store, system: System, *, large: int, quick: bool, with_pages: bool) -> None:
    """Enqueue and drain with 10^3 and with `large` ended jobs already there; then the pages over the large store."""
    probe = 5_000 if quick else PROBE
    small: list[Figures] = []
    much: list[Figures] = []
    with running(system, store) as at:
        fill(at, large)
        store.settle(at.address)
        for _ in range(1 if quick else ROUNDS):  # in turns: what else the machine does should hit both
            with running(system, store) as fresh:
                fill(fresh, SMALL)
                small.append(_measured(fresh, probe))
            much.append(_measured(at, probe))
        _losses(report, small, much, large, probe)
        _lists(report, at, large)
        if with_pages:
            pages.run(report, at, quick=quick)


def _measured(at: Running, probe: int) -> Figures:
    return at.many(probe), at.drain()


def pages_alone(report: Report, store: Store, system: System, *, large: int, quick: bool) -> None:
    """The pages over a large store, and nothing else."""
    with running(system, store) as at:
        fill(at, large)
        store.settle(at.address)
        pages.run(report, at, quick=quick)


def fill(at: Running, count: int) -> None:
    """Have so many ended jobs there; two programs at once where the store lets two write."""
    programs = 1 if at.address.startswith("sqlite") or count <= SMALL else 2

    def part(seed: int) -> str:
        return at.program("benchmarks.programs.million", count // programs, seed, seconds=60 + count / 1_000)

    part_one = min(SMALL, count)
    at.program("benchmarks.programs.million", part_one, 99)  # makes the tables
    if count > part_one:
        count -= part_one
        with ThreadPoolExecutor(programs) as pool:
            list(pool.map(part, range(programs)))


def _losses(report: Report, small: list[Figures], large: list[Figures], stored: int, probe: int) -> None:
    for index, (metric, loss) in enumerate((("enqueue many", ENQUEUE_LOSS), ("drain, 1 worker process", DRAIN_LOSS))):
        for count, figures in ((SMALL, small), (stored, large)):
            report.add("horizon", f"{metric}, {count:,} stored", [one[index] for one in figures], "jobs/s", probe)
        before, after = (report.value("horizon", f"{metric}, {count:,} stored") for count in (SMALL, stored))
        assert before
        assert after
        report.add("horizon", loss, after / before, "x", probe, f"({stored:,} stored)")


def _lists(report: Report, at: Running, stored: int) -> None:
    took: dict[str, float] = json.loads(at.program("benchmarks.programs.lists"))
    for label, milliseconds in took.items():
        report.add("horizon", f"list of 50, {label}, {stored:,} stored", milliseconds, "ms", 20)
