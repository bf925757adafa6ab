"""A schedule as a store keeps it. A store decides nothing about it: it finds what is due, and writes where nobody was faster."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from horizon.core.audit import AuditEntry
from horizon.core.clock import Micros

KEPT_RUNS = 50
"""Entries of a schedule's history; the oldest go first."""
CODE, STORED = "code", "stored"


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """What is to be dispatched when, and how far it got."""

    name: str
    target: str
    """The registered name of the job."""
    when: str
    """Five or six fields of cron, or `every 30s`."""
    timezone: str = "UTC"
    args: str = "{}"
    """The arguments, tagged as in payloads, as JSON."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """What the dispatch says beside the class: queue, priority, timeout and so on, as JSON holds it."""
    misfire: str = "once"
    """Of times that passed while nobody looked: `once` (the latest), `all` (up to `most`), `skip`."""
    most: int = 10
    overlap: str = "allow"
    """While the job before still waits or runs: `allow` another, `skip` it, or `queue` it behind that one."""
    jitter: Micros = 0
    source: str = STORED
    paused: bool = False
    paused_reason: str | None = None
    gone: bool = False
    """It came from the code, and the code no longer has it."""
    due_at: Micros = 0
    """The next time by the plan; the job's id follows from it."""
    next_at: Micros = 0
    """When it is dispatched: the same, and the jitter of that time."""
    last_at: Micros | None = None
    last_job: str | None = None
    """What it dispatched last, by plan or by hand."""
    missed: int = 0
    """Times that passed without a job, since it was made."""
    created_at: Micros = 0
    version: int = 0
    """Grows by one with each write; 0: not in the store yet."""

    @property
    def rests(self) -> bool:
        """Whether nothing is dispatched by plan."""
        return self.paused or self.gone


@dataclass(frozen=True, kw_only=True, slots=True)
class ScheduleRun:
    """One line of a schedule's history."""

    at: Micros
    due_at: Micros
    kind: str
    """`pushed`, `by hand`, `skipped` (the job before still stood), `missed` (nobody looked in time), `refused`."""
    job: str | None = None
    count: int = 1
    detail: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ScheduleChange:
    """Write `schedule` where the stored version is still `version`."""

    name: str
    version: int
    """0: there must be none."""
    schedule: Schedule | None
    """None: remove it, and its history."""
    runs: tuple[ScheduleRun, ...] = ()
    """Lines to add to its history, in this order."""
    audit: AuditEntry | None = None


def due_of(schedule: Schedule) -> Micros | None:
    """By which time a store finds it; None: not at all."""
    return None if schedule.rests else schedule.next_at


def to_text(schedule: Schedule) -> str:
    """As one document; the version stands beside it."""
    fields = {key: getattr(schedule, key) for key in Schedule.__slots__ if key != "version"}  # `asdict` copies all that is in them
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def from_text(text: str | bytes, version: int) -> Schedule:
    """The schedule again. A field that this version of the code does not know was written by a newer one, and is left out."""
    fields = json.loads(text)
    return Schedule(**{key: value for key, value in fields.items() if key in Schedule.__slots__}, version=version)


def run_to_text(run: ScheduleRun) -> str:
    """One line of history as JSON."""
    return json.dumps({key: getattr(run, key) for key in ScheduleRun.__slots__}, ensure_ascii=False, separators=(",", ":"))


def run_from_text(text: str | bytes) -> ScheduleRun:
    """One line of history again."""
    return ScheduleRun(**json.loads(text))
