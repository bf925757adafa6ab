"""How a chain or a workflow is going, step by step: values, read from a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from horizon.backends.base import Backend
from horizon.core import clock
from horizon.core.group import FirstFailure, GroupRecord, GroupState
from horizon.core.record import Record
from horizon.core.states import JobState
from horizon.jobs.groups.handle import members, nested
from horizon.jobs.groups.removed import REMOVED, without_removed

JOB = "job"
NOT_NEEDED = "not needed"
"""Why a job was cancelled whose condition did not come to pass."""
MOST_ASKED = 1_000
"""Jobs whose edges are asked for at once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StepStatus:
    """One step: a job, or a group that is nested."""

    number: int
    """From 1; each comes after those that it waits for."""
    id: str
    kind: str
    """`job`, `batch`, `chain` or `workflow`."""
    name: str
    state: str
    progress: int | None
    after: tuple[str, ...]
    """Ids of the steps it waits for, or waited for."""
    started_at: datetime | None
    finished_at: datetime | None
    needed: bool = True
    """False where its condition did not come to pass, or it was removed: it was cancelled, and nobody misses it."""
    removed: bool = False
    """Somebody took it out of its chain."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupStatus:
    """All of it at one moment."""

    id: str
    name: str
    state: GroupState
    progress: int
    """Percent, 0 to 100, of the steps that were not removed."""
    current_step: int
    """The number of the first step that has neither completed nor turned out not to be needed; where there is no such, of the
    last one; 0 where there is none."""
    steps: tuple[StepStatus, ...]
    failure: FirstFailure | None

    @property
    def total_steps(self) -> int:
        """How many there are; a chain that runs may grow."""
        return len(self.steps)


def status_of(store: Backend, group: GroupRecord) -> GroupStatus:
    """How a stored group stands, with its steps in order."""
    steps = _steps(store, group)
    open = [step.number for step in steps if step.needed and step.state != "completed"]
    return GroupStatus(
        id=group.id,
        name=group.name,
        state=group.state,
        progress=without_removed(store, group).progress,
        current_step=open[0] if open else len(steps),
        steps=steps,
        failure=group.first_failure,
    )


def _steps(store: Backend, group: GroupRecord) -> tuple[StepStatus, ...]:
    jobs = {record.id: record for record in members(store, group.id, hidden=True)}
    groups = {inner.id: inner for inner in nested(store, group.id)}
    asks = {**{id: id for id in jobs}, **{id: first for id in groups if (first := _first(store, id)) is not None}}
    waits = _waits(store, list(asks.values()))
    after = {id: [other for other in waits.get(asks.get(id, id), ()) if other in jobs or other in groups] for id in (*jobs, *groups)}
    order = in_order(after)
    return tuple(
        _of_job(number, jobs[id], after[id]) if id in jobs else _of_group(number, groups[id], after[id])
        for number, id in enumerate(order, 1)
    )


def _first(store: Backend, group: str) -> str | None:
    """The job of a nested group, or of one in it, that was pushed first: what it waits for is what the group waits for."""
    own = members(store, group, hidden=True)
    inner = (first for one in nested(store, group) if (first := _first(store, one.id)) is not None)
    return own[0].id if own else next(inner, None)


def _waits(store: Backend, jobs: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """What each of these waits for, or waited for."""
    found: dict[str, list[str]] = {}
    for start in range(0, len(jobs), MOST_ASKED):
        for link in store.groups.links(jobs[start : start + MOST_ASKED]):
            found.setdefault(link.job, []).append(link.parent)
    return found


def in_order(after: Mapping[str, Sequence[str]]) -> list[str]:
    """Ids, each after those it waits for; else as they come."""
    done: dict[str, None] = {}
    left = list(after)
    while left:
        ready = [id for id in left if all(other in done for other in after[id])]
        done.update(dict.fromkeys(ready or left))
        left = [id for id in left if id not in done]
    return list(done)


def _of_job(number: int, record: Record, after: Sequence[str]) -> StepStatus:
    return StepStatus(
        number=number,
        id=record.id,
        kind=JOB,
        name=record.name,
        state=str(record.state),
        progress=record.progress,
        after=tuple(after),
        started_at=clock.to_datetime(record.started_at),
        finished_at=clock.to_datetime(record.finished_at),
        needed=record.reason not in (NOT_NEEDED, REMOVED) or record.state is not JobState.CANCELLED,
        removed=record.reason == REMOVED and record.state is JobState.CANCELLED,
    )


def _of_group(number: int, group: GroupRecord, after: Sequence[str]) -> StepStatus:
    return StepStatus(
        number=number,
        id=group.id,
        kind=str(group.kind),
        name=group.name,
        state=str(group.state),
        progress=group.progress,
        after=tuple(after),
        started_at=clock.to_datetime(group.created_at),
        finished_at=clock.to_datetime(group.finished_at),
    )
