"""Putting a step into a chain that runs, behind any step whose next one has not begun, and taking out one that waits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from horizon.backends.base import Backend
from horizon.core.audit import AuditEntry
from horizon.core.envelope import Edge
from horizon.core.errors import InvalidInput, NotFound
from horizon.core.group import GroupRecord
from horizon.core.record import Record
from horizon.core.states import JobState
from horizon.jobs.ambient import RuntimeLike
from horizon.jobs.groups import adding
from horizon.jobs.groups.form import Form
from horizon.jobs.groups.handle import members, nested
from horizon.jobs.groups.removed import REMOVED
from horizon.jobs.groups.steps import JOB, MOST_ASKED, StepStatus, status_of
from horizon.jobs.jobid import JobId

MOST_BEFORE = 1_000
"""Waiting jobs before which a step can be put."""
BROKEN = ("failed", "cancelled")


def insert(here: RuntimeLike, store: Backend, chain: GroupRecord, job: Any, after: object, *, id: str | None = None) -> JobId | None:
    """See `ChainMonitor.insert`. `id`: what the job is called; None: an id of its own."""
    if isinstance(job, Form):
        raise InvalidInput(f"insert takes one job; got {job!r}: insert its jobs one by one, the last one first, or append it")
    steps = status_of(store, chain).steps
    step = named(steps, after)
    if step.state in BROKEN:
        raise InvalidInput(f"step {step.number} ended {step.state}, so nothing follows it; retry it first, then insert")
    before = [link.job for ids in _pieces(store, chain) for link in store.groups.links(ids) if link.parent == step.id]
    following = next((one for one in steps if step.id in one.after and not one.removed), None)
    if following is not None and not before:
        raise InvalidInput(
            f"step {following.number} has begun, so nothing can come between it and step {step.number}; insert after step "
            f"{following.number} or later"
        )
    if len(before) > MOST_BEFORE:
        raise InvalidInput(f"{len(before):,} jobs wait for step {step.number}, and a step can be put before {MOST_BEFORE:,} at the most")
    edge = Edge(job_id=step.id, of_group=step.kind != JOB)
    ids = None if id is None else lambda item: id
    return next(iter(adding.add(here, chain, [job], edges=(edge,), before=tuple(before), ids=ids)), None)


def remove(store: Backend, chain: GroupRecord, wanted: object, audit: AuditEntry | None = None) -> StepStatus:
    """See `ChainMonitor.remove`; the step that went."""
    step = named(status_of(store, chain).steps, wanted)
    if step.kind != JOB:
        raise InvalidInput(f"step {step.number} is a {step.kind}, and only a job can be removed; cancel that {step.kind}, or its jobs")
    found = store.get(step.id)
    if found is None or found.state is not JobState.BLOCKED:
        raise InvalidInput(f"step {step.number} does not wait for another one any more: it is {step.state}; cancel it instead")
    others = _that_wait(store, set(found.dependants) - {record.id for record in blocked(store, chain.id)})
    if others:
        raise InvalidInput(f"{', '.join(others)}, outside of the chain, waits for step {step.number}; cancel or move that one first")
    if not store.groups.drop(step.id, reason=REMOVED, audit=audit):
        raise InvalidInput(f"step {step.number} began this very moment; cancel it instead")
    return step


def _that_wait(store: Backend, jobs: set[str]) -> list[str]:
    """Those that still do: a step that was removed before waits for nothing any more."""
    return [record.id for record in store.many(sorted(jobs)) if not record.state.terminal]


def place_of(steps: Sequence[StepStatus], gone: StepStatus) -> StepStatus:
    """The step behind which one that was removed stood; of others that were removed since, the one before them. Raises InvalidInput."""
    by_id, todo, seen = {step.id: step for step in steps}, list(gone.after), set[str]()
    while todo:
        found = by_id.get(todo.pop())
        if found is not None and found.id not in seen:
            seen.add(found.id)
            todo += found.after if found.removed else ()
    standing = [by_id[id] for id in seen if not by_id[id].removed]
    if standing:
        return max(standing, key=lambda step: step.number)
    raise InvalidInput(f"the step before step {gone.number} is no longer kept, so nobody knows where it stood; add it anew")


def named(steps: Sequence[StepStatus], wanted: object) -> StepStatus:
    """The step that is meant, by its number from 1 or by its id. Raises NotFound."""
    number = wanted if isinstance(wanted, int) and not isinstance(wanted, bool) else None
    found = next((step for step in steps if step.number == number or step.id == wanted), None)
    if found is None:
        raise NotFound(f"the chain has no step {wanted!r}; its {len(steps)} steps are numbered from 1, or named by their ids")
    return found


def blocked(store: Backend, group: str) -> Iterator[Record]:
    """The jobs of a group, and of those in it, that wait for others."""
    yield from members(store, group, JobState.BLOCKED)
    for inner in nested(store, group):
        if not inner.ended:
            yield from blocked(store, inner.id)


def _pieces(store: Backend, chain: GroupRecord) -> Iterator[list[str]]:
    """Ids of those, as many at a time as their edges can be asked for."""
    ids = [record.id for record in blocked(store, chain.id)]
    return (ids[start : start + MOST_ASKED] for start in range(0, len(ids), MOST_ASKED))
