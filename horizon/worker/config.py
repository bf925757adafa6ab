"""`horizon work --print-config`: what this worker would go by, and where each figure comes from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from horizon.worker.options import ENVIRONMENT, Options
from horizon.worker.plan import Plan
from horizon.worker.told import Told

DEFAULTS = {"timeout": "timeout", "tries": "max_tries", "memory": "memory", "processes": "processes", "concurrency": "concurrency"}
"""Flags that a setting decides where they are left out."""
NAMES = {"tries": "HORIZON_MAX_TRIES"}


class Line(NamedTuple):
    """One figure."""

    name: str
    value: str
    origin: str


def lines(plan: Plan, told: Told) -> Iterator[Line]:
    """In the order of the flags."""
    asked = plan.options
    yield Line("queues", ", ".join(plan.queues) or "all", _origin(asked, "queues", "all of them"))
    yield Line("connection", plan.connection or "every one that has jobs of these queues", _origin(asked, "connection", "default"))
    for name, value in (
        ("processes", plan.processes), ("max_processes", plan.most_processes), ("concurrency", plan.concurrency), ("timeout", asked.timeout), ("tries", asked.tries),
        ("memory", plan.memory), ("sleep", asked.sleep), ("max_jobs", plan.max_jobs), ("max_time", asked.max_time),
    ):  # fmt: skip
        shown = told.number(DEFAULTS[name]) if value is None else value
        yield Line(name, f"{shown:g}", _origin(asked, name, NAMES.get(name, f"HORIZON_{name.upper()}") if name in DEFAULTS else "default"))
    yield Line("lease", f"{plan.limits.lease:g}", "HORIZON_LEASE")


def _origin(asked: Options, name: str, otherwise: str) -> str:
    if name in asked.flags:
        return f"--{name.replace('_', '-').replace('queues', 'queue')}"
    return ENVIRONMENT[name] if name in asked.environment else otherwise


def show(plan: Plan, told: Told) -> None:
    """Print it."""
    found = list(lines(plan, told))
    wide, wider = max(len(one.name) for one in found), max(len(one.value) for one in found)
    for one in found:
        print(f"{one.name:<{wide}}  {one.value:<{wider}}  {one.origin}")
