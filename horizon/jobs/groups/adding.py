"""Adding jobs to a group that is there already.

What a running job adds has ids that follow from its own: an attempt that runs again adds nothing twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from horizon.backends.base import Backend
from horizon.core.envelope import Edge
from horizon.core.group import GroupKind, GroupRecord
from horizon.core.ids import derived
from horizon.core.states import LIVE
from horizon.jobs import codec
from horizon.jobs.ambient import RuntimeLike
from horizon.jobs.context import RUNNING
from horizon.jobs.groups.chunk import Chunk
from horizon.jobs.groups.form import Form, Node, member
from horizon.jobs.groups.handle import members, nested
from horizon.jobs.groups.laying import Around, Named, NewId, lay_members, random_id
from horizon.jobs.groups.pushing import Packer
from horizon.jobs.groups.storing import push
from horizon.jobs.jobid import JobId
from horizon.jobs.plan import plan_of
from horizon.jobs.running import Running
from horizon.jobs.said import Said
from horizon.jobs.shape import Shape


class _More(Form):
    """What is added, none of it waiting for any other of it."""

    linked = False

    def __init__(self, kind: GroupKind, items: Iterable[Any]) -> None:
        super().__init__()
        self._what, self._items = kind, items

    @property
    def _nodes(self) -> Iterator[Node]:
        return (Node(member(item, self._what, number)) for number, item in enumerate(self._items, 1))


def add(
    here: RuntimeLike, group: GroupRecord, items: Iterable[Any], *, edges: tuple[Edge, ...] = (), before: tuple[str, ...] = (),
    ids: NewId | None = None,
) -> list[JobId | None]:  # fmt: skip
    """Push jobs (and groups) into a stored group; the ids of the jobs, None for a held unique key.

    `edges`: what all of them wait for; `before`: blocked jobs that wait for each of them from now on; `ids`: how each gets its
    id, None: as `new_id` says. What is stored under its id already is added no second time. Raises GroupEnded, UnknownDependency.
    """
    packer = Packer(here, group.kind, group.connection)
    said = Said(connection=group.connection, user=group.user, tenant=group.tenant)
    steps = lay_members(_More(group.kind, items), Around(group.id, None, edges, said), ids or new_id(group.id))
    chunks: list[Chunk] = []
    for chunk in packer.chunks(steps):
        if before:
            chunk.envelopes = [replace(envelope, before=before) for envelope in chunk.envelopes]
        chunks.append(chunk)
    push(here, group.connection, chunks)
    added = [job._horizon.id for chunk in chunks for job, one in zip(chunk.jobs, chunk.envelopes, strict=True) if one.group is not None]
    return [id if isinstance(id, JobId) else None for id in added]


def append(here: RuntimeLike, store: Backend, chain: GroupRecord, job: Any) -> JobId | None:
    """Make this the last step of a chain: it waits for every step that has not ended. The id of a job; None of a group."""
    steps = [Edge(job_id=record.id) for record in members(store, chain.id, *LIVE)]
    steps += [Edge(job_id=inner.id, of_group=True) for inner in nested(store, chain.id) if not inner.ended]
    added = add(here, chain, [job], edges=tuple(steps))
    return added[0] if isinstance(job, Shape) else None


def new_id(group: str) -> NewId:
    """How ids are made here: at random, or, in a running job, from its own."""
    running = RUNNING.get()
    return random_id if running is None or running.reservation is None else _Derived(running, group)


class _Derived:
    """The same id for the same thing, however often the job runs in its round: what it is, and how many like it came before."""

    def __init__(self, running: Running, group: str) -> None:
        self._running = running
        self._round = 0 if running.reservation is None else running.reservation.round
        self._group = group

    def __call__(self, item: Named) -> str:
        label = f"{self._round}:{self._group}:{_what(item)}"
        return derived(self._running.id, f"{label}:{self._running.count(label)}")


def _what(item: Named) -> str:
    if isinstance(item, Form):
        return f"{item.kind}:{item._title}"
    plan, inner = plan_of(type(item)), item._horizon
    payload = codec.encode(plan.signature.named(inner.args, inner.kwargs))
    return f"{plan.name}:{hashlib.sha256(payload).hexdigest()}"
