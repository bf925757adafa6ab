"""Groups of jobs with as few words as possible: a batch with its callbacks, pushed at once or bit by bit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from horizon.backends.values import Reservation, Verb
from horizon.core.envelope import Edge, Envelope, On
from horizon.core.group import GroupKind, GroupRecord, NewGroup
from horizon.core.ids import uuid7
from horizon.core.outcome import Kind
from tests.conformance.driver import Driver, envelope


def new(kind: GroupKind = GroupKind.BATCH, **more: Any) -> NewGroup:
    """A group about to be pushed."""
    return NewGroup(**{"id": uuid7(), "kind": kind, "name": "reports", **more})


def members(group: NewGroup | str, count: int = 1, **more: Any) -> list[Envelope]:
    """Jobs that belong to it."""
    id = group if isinstance(group, str) else group.id
    return [envelope(**{"group": id, **more}) for _ in range(count)]


def on(group: NewGroup | str, what: On) -> tuple[Edge, ...]:
    """What a callback waits for."""
    return (Edge(job_id=group if isinstance(group, str) else group.id, on=what, of_group=True),)


def chained(group: NewGroup | str, count: int) -> list[Envelope]:
    """Members of which each waits for the one before it."""
    steps = members(group, count)
    for before, step in pairwise(steps):
        step.edges = (Edge(job_id=before.id),)
    return steps


@dataclass(frozen=True, kw_only=True)
class Batch:
    """A group in a store, with the ids of its members and callbacks."""

    drive: Driver
    id: str
    jobs: tuple[str, ...]
    then: str
    catch: str
    last: str
    """`finally`: waits for any end."""

    @property
    def now(self) -> GroupRecord:
        """As it stands."""
        found = self.drive.backend.groups.get(self.id)
        assert found is not None
        return found

    def figures(self) -> tuple[int, int, int, int, int]:
        """(pending, processing, completed, failed, cancelled), which add up to the total."""
        found = self.now
        figures = (found.pending, found.processing, found.completed, found.failed, found.cancelled)
        assert sum(figures) == found.total
        return figures

    def callbacks(self) -> tuple[str, str, str]:
        """States of then, catch, finally."""
        then, catch, last = self.drive.states(self.then, self.catch, self.last)
        return then, catch, last

    def end(self, id: str, kind: Kind = Kind.COMPLETED, **more: Any) -> None:
        """One member runs and ends so."""
        run(self.drive, id, kind, **more)


def take(drive: Driver, id: str, *, executor: int = 0) -> Reservation:
    """Reserve one job, whatever else waits."""
    queue = f"only-{id[-12:]}"
    drive.act(Verb.MOVE, id, queue=queue)
    return drive.take(id, queues=(queue,), executor=executor)


def run(drive: Driver, id: str, kind: Kind = Kind.COMPLETED, **more: Any) -> None:
    """Run one job, whatever else waits."""
    got = take(drive, id)
    if kind is Kind.FAILED:
        drive.fail(got, **more)
    else:
        drive.settle(got, kind, **more)


def callbacks_of(group: NewGroup | str) -> list[Envelope]:
    """then, catch, finally."""
    return [
        envelope(name=f"shop.jobs:{name}", queue="callbacks", edges=on(group, what))
        for name, what in (("Then", On.COMPLETED), ("Catch", On.FAILED), ("Finally", On.ANY))
    ]


def push_batch(
    drive: Driver, jobs: int | Sequence[Envelope] = 3, *, group: NewGroup | None = None, seal: bool = True, **options: Any
) -> Batch:
    """Push a group with members and callbacks in one act."""
    group = group or new(**options)
    made = members(group, jobs) if isinstance(jobs, int) else list(jobs)
    calls = callbacks_of(group)
    answers = drive.backend.push([*made, *calls], groups=[group], seal=[group.id] if seal else [])
    assert {answer.status for answer in answers} <= {"created", "duplicate"}
    then, catch, last = (one.id for one in calls)
    return Batch(drive=drive, id=group.id, jobs=tuple(one.id for one in made), then=then, catch=catch, last=last)
