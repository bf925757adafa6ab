"""How many jobs a second go in and come out: ours, the bare program, peers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from benchmarks.asked import DRAIN, DRAIN_2, ELSEWHERE, MANY, ONE
from benchmarks.processes import Failed
from benchmarks.report import Report
from benchmarks.stores import Store, opened
from benchmarks.systems import System, ours, running

Figures = dict[str, float]


def run(report: Report, store: Store, systems: Sequence[System], *, quick: bool) -> None:
    """Each system on a fresh database, in turns, the median of three rounds."""
    seen: dict[str, dict[str, list[float]]] = {system.name: defaultdict(list) for system in systems}
    broken: set[str] = set()
    for _ in range(1 if quick else 3):
        for system in systems:
            if system.name in broken:
                continue
            try:
                for metric, value in _round(system, store, two=store.name not in ("sqlite", "mysql")).items():
                    seen[system.name][metric].append(value)
            except Failed as error:
                broken.add(system.name)
                report.say(f"{system.name} is not measured: {error}")
    for system in systems:
        for metric, values in seen[system.name].items():
            _add(report, system, metric, values)


def elsewhere(report: Report, *, quick: bool) -> None:
    """Our own drain on PostgreSQL, beside a run about another store."""
    count = 5_000 if quick else 20_000
    system = ours(ELSEWHERE, one=0, many=count)
    with opened("postgres") as store:
        values = [_round(system, store, two=False)[DRAIN] for _ in range(1 if quick else 3)]
        report.add(ELSEWHERE, DRAIN, values, "jobs/s", count, store.words)


def _round(system: System, store: Store, *, two: bool) -> Figures:
    figures: Figures = {}
    with running(system, store) as at:
        if system.one:
            figures[ONE] = at.one(system.one)
            if system.many:
                figures[MANY] = at.many(system.many)
        at.fill(system.drain)
        figures[DRAIN] = at.drain(1)
    if two and system.one:
        with running(system, store) as at:
            at.fill(system.drain)
            figures[DRAIN_2] = at.drain(2)
    return figures


def _add(report: Report, system: System, metric: str, values: Sequence[float]) -> None:
    count = {ONE: system.one, MANY: system.many}.get(metric, system.drain)
    note = f"({system.setting}; {system.keeps})" if metric in (DRAIN, DRAIN_2) else ""
    report.add(system.name, metric, values, "jobs/s", count, note)
