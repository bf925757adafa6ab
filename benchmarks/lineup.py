"""Who is measured on a store: ours, the bare program, and peers where they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from benchmarks.environments import NotMade
from benchmarks.peers import PEERS
from benchmarks.report import Report
from benchmarks.systems import System, bare, ours, peer, tracked

ONE = {"redis": 2_000, "postgres": 1_000, "mysql": 1_000, "sqlite": 1_000}
MANY = 20_000
NORMAL = {"HORIZON_SQLITE_SYNCHRONOUS": "NORMAL", "BENCH_SYNCHRONOUS": "NORMAL"}


def lineup(report: Report, *, quick: bool, peers: bool) -> Sequence[System]:
    """Every system of this run; with `quick` each with a few jobs."""
    store = report.backend
    systems = [bare(store, one=ONE[store], many=MANY), ours(one=ONE[store], many=MANY)]
    if store == "sqlite":
        systems.append(bare(store, "bare, NORMAL", one=ONE[store], many=MANY, env=NORMAL))
        systems.append(ours("horizon, NORMAL", one=ONE[store], many=MANY, env=NORMAL))
    if store == "mysql":
        systems.append(tracked(one=ONE[store], many=MANY))
    systems.append(ours("horizon, 10 slots", "--concurrency", "10", one=0, many=MANY))
    if peers:
        systems += _peers(report)
    return [_few(system) for system in systems] if quick else systems


def _peers(report: Report) -> list[System]:
    made = []
    for one in PEERS[report.backend]:
        try:
            made.append(peer(one))
        except NotMade as error:
            report.say(f"{one.name} is not measured: {error}")
    return made


def _few(system: System) -> System:
    return replace(system, one=system.one // 5, many=system.many // 4, drain=max(system.drain // 4, 250))
