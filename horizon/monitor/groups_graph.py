"""The inside of a chain or a workflow: its steps, each a job or a nested group, and what waits for what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from horizon.backends.base import Backend
from horizon.core.clock import Micros
from horizon.core.envelope import On
from horizon.core.group import GroupKind, GroupQuery, GroupRecord, GroupState, Link
from horizon.core.query import MAX_LIMIT, JobQuery
from horizon.core.record import Record
from horizon.core.states import JobState
from horizon.jobs.groups.removed import REMOVED, all_without_removed
from horizon.jobs.groups.steps import NOT_NEEDED, in_order

MOST = 400
"""Steps that are looked at, those pushed first: more than anybody follows with the eye."""
MOST_INNER = 60
"""Nested groups of which is asked what they wait for."""
DEEPEST = 8
LAST = 2**63
"""Beyond every number of a job: an empty group stands behind all others."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait:
    """One line of the drawing, seen from the step that waits."""

    parent: str
    on: On = On.COMPLETED
    met: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One step."""

    number: int
    """From 1; each comes after those that it waits for."""
    id: str
    name: str
    state: str
    """Of a job its state; of a group that has not ended `pending` or `processing`."""
    waits: tuple[Wait, ...] = ()
    job: Record | None = None
    group: GroupRecord | None = None

    @property
    def kind(self) -> str:
        """`job`, or which kind of group."""
        return "job" if self.group is None else str(self.group.kind)

    @property
    def needless(self) -> bool:
        """Its condition did not come to pass, so that nobody misses it."""
        return self.job is not None and self.state == "cancelled" and self.job.reason in (NOT_NEEDED, REMOVED)

    @property
    def removed(self) -> bool:
        """Somebody took it out of its chain."""
        return self.needless and self.job is not None and self.job.reason == REMOVED

    @property
    def took(self) -> Micros | None:
        """How long a job ran; of a group nobody knows when it began, for it may have waited."""
        return None if self.job is None else self.job.runtime


@dataclass(frozen=True, kw_only=True, slots=True)
class Graph:
    """All of it."""

    steps: tuple[Step, ...] = ()
    total: int = 0
    """How many there are, those included that were not looked at."""

    @property
    def left_out(self) -> int:
        """Steps that were not looked at."""
        return max(0, self.total - len(self.steps))

    @property
    def needless(self) -> int:
        """Steps that were not needed."""
        return sum(step.needless and not step.removed for step in self.steps)

    @property
    def removed(self) -> int:
        """Steps that somebody took out."""
        return sum(step.removed for step in self.steps)

    def number_of(self, id: str) -> int | None:
        """Where a step stands, from 1."""
        return next((step.number for step in self.steps if step.id == id), None)


def graph(store: Backend, group: GroupRecord) -> Graph:
    """The steps of a group as they stand, each after those it waits for."""
    jobs = {record.id: record for record in first_members(store, group.id, MOST)}
    inner = {one.id: one for one in nested(store, group.id, MOST_INNER)}
    entries = {id: entry_of(store, id) for id in inner}
    asked = {id: id for id in jobs} | {entry.id: id for id, entry in entries.items() if entry is not None}
    links = store.groups.links(tuple(asked)) if asked else ()
    waits = _waits(links, asked, {*jobs, *inner})
    if group.kind is GroupKind.CHAIN:
        waits = nearest(waits)
    age = {id: record.n for id, record in jobs.items()} | {id: entry.n for id, entry in entries.items() if entry is not None}
    order = in_order({id: [wait.parent for wait in waits[id]] for id in sorted({*jobs, *inner}, key=lambda id: (age.get(id, LAST), id))})
    steps = [
        of_job(number, jobs[id], waits[id]) if id in jobs else of_group(number, inner[id], waits[id]) for number, id in enumerate(order, 1)
    ]
    return Graph(steps=tuple(steps), total=max(group.total, len(steps)))


def first_members(store: Backend, group: str, most: int) -> list[Record]:
    """The jobs of a group that were pushed first, in that order; those that turned out not to be needed too."""
    found: list[Record] = []
    query: JobQuery | None = JobQuery(group=group, limit=min(most, MAX_LIMIT), backwards=True, include_forgotten=True)
    while query is not None and len(found) < most:
        page = store.find(query)
        found += page.items
        query = replace(query, cursor=page.next, limit=min(most, MAX_LIMIT)) if page.next and page.items else None
    return sorted({record.id: record for record in found}.values(), key=lambda record: record.n)[:most]


def nested(store: Backend, group: str, most: int) -> list[GroupRecord]:
    """The groups nested in one, the first pushed first; of very many, the last pushed."""
    return all_without_removed(store, store.groups.find(GroupQuery(parent=group, limit=min(most, MAX_LIMIT))).items)[::-1]


def entry_of(store: Backend, group: str, depth: int = 0) -> Record | None:
    """The job of a nested group that was pushed first: what it waits for, the group waits for."""
    first = store.find(JobQuery(group=group, limit=1, backwards=True, include_forgotten=True)).items
    if first:
        return first[0]
    inner = nested(store, group, MAX_LIMIT) if depth < DEEPEST else []
    return entry_of(store, inner[0].id, depth + 1) if inner else None


def _waits(links: Iterable[Link], asked: Mapping[str, str], known: set[str]) -> dict[str, tuple[Wait, ...]]:
    """By step. Who follows a group that may turn out empty waits for what that group waits for as well, which is left out."""
    found: dict[str, dict[str, Wait]] = {id: {} for id in known}
    for link in links:
        step = asked[link.job]
        if link.parent in known and link.parent != step:
            found[step][link.parent] = Wait(parent=link.parent, on=link.on, met=link.met)
    inner = known - set(asked)
    return {
        id: tuple(wait for wait in waits.values() if not any(wait.parent in found[other] for other in waits if other in inner))
        for id, waits in found.items()
    }


def nearest(waits: Mapping[str, tuple[Wait, ...]]) -> dict[str, tuple[Wait, ...]]:
    """Of each step only what stands directly before it: what was added to a chain waits for every step that has not ended, and what
    comes after an inserted one for that one too. Pure."""
    before: dict[str, set[str]] = {}
    for id in in_order({id: [wait.parent for wait in some] for id, some in waits.items()}):
        parents = [wait.parent for wait in waits.get(id, ())]
        before[id] = set(parents).union(*(before.get(parent, set()) for parent in parents))
    return {
        id: tuple(wait for wait in some if not any(wait.parent in before.get(other.parent, ()) for other in some))
        for id, some in waits.items()
    }


def of_job(number: int, record: Record, waits: Sequence[Wait]) -> Step:
    """A step that is a job."""
    return Step(number=number, id=record.id, name=record.name, state=str(record.state), waits=tuple(waits), job=record)


def of_group(number: int, group: GroupRecord, waits: Sequence[Wait]) -> Step:
    """A step that is a group."""
    return Step(number=number, id=group.id, name=group.name, state=state_of(group), waits=tuple(waits), group=group)


def state_of(group: GroupRecord) -> str:
    """The state of a job that tells how a group stands: one that has not ended runs once any of its members has begun."""
    if group.state in (GroupState.OPEN, GroupState.RUNNING):
        begun = group.processing or group.completed or group.failed
        return str(JobState.PROCESSING if begun else JobState.PENDING)
    return str(group.state)
