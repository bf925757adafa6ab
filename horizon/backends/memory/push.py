"""push: store new jobs, all of up to 1,000 or none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from horizon.backends.grouping import asked_of, check_before, check_edge, check_groups, check_members, check_seals, refuse_progress_of_jobs
from horizon.backends.memory.kernel import gates
from horizon.backends.memory.kernel import groups as groups_of
from horizon.backends.memory.kernel.birth import create, let_wait
from horizon.backends.memory.kernel.store import Store
from horizon.backends.parking import refuse_limits
from horizon.backends.values import PUSH_LIMIT, Pushed, PushStatus
from horizon.core.audit import AuditEntry
from horizon.core.clock import Micros
from horizon.core.cycles import refuse_cycles
from horizon.core.envelope import Edge, Envelope
from horizon.core.errors import QueueFull, UnknownDependency
from horizon.core.group import GroupState, NewGroup
from horizon.core.states import JobState

WAITING = (JobState.PENDING, JobState.SCHEDULED, JobState.RETRYING, JobState.BLOCKED)
"""What `max_jobs` of a queue counts."""


def push(
    store: Store,
    envelopes: Sequence[Envelope],
    now: Micros,
    *,
    groups: Sequence[NewGroup] = (),
    seal: Sequence[str] = (),
    audit: AuditEntry | None = None,
) -> list[Pushed]:
    """See `Backend.push`."""
    refuse_limits(envelopes)
    chunks = list(_chunks(envelopes)) or [()]
    answers: list[Pushed] = []
    for chunk in chunks:
        answers += _push_chunk(store, chunk, groups if chunk is chunks[0] else (), seal if chunk is chunks[-1] else (), now)
    created = sum(answer.status is PushStatus.CREATED for answer in answers)
    if created:
        store.keep(audit, now, created)
    return answers


def _chunks(envelopes: Sequence[Envelope]) -> Iterator[Sequence[Envelope]]:
    return (envelopes[start : start + PUSH_LIMIT] for start in range(0, len(envelopes), PUSH_LIMIT))


def _push_chunk(store: Store, envelopes: Sequence[Envelope], groups: Sequence[NewGroup], seal: Sequence[str], now: Micros) -> list[Pushed]:
    """Answer for every envelope first, refuse what must be refused, and only then write."""
    answers = _answers(store, envelopes, now)
    new = {answer.id: e for answer, e in zip(answers, envelopes, strict=True) if answer.status is PushStatus.CREATED}
    fresh = [group for group in groups if group.id not in store.groups]
    known = {id: group.state for id in asked_of(envelopes, groups, seal) if (group := store.groups.get(id)) is not None}
    _refuse_groups(list(new.values()), fresh, seal, known)
    _refuse_edges(store, new, {group.id: group.parent for group in fresh}, known)
    _refuse_overflow(store, new, now)
    for new_group in fresh:
        groups_of.create(store, new_group, now)
    jobs = [create(store, envelope, now) for envelope in new.values()]
    for job in jobs:
        let_wait(store, job)
    for job in jobs:
        gates.give_up_if_shut(store, job, now)
    groups_of.joined(store, jobs, now)
    for id in seal:
        groups_of.seal(store, store.groups[id], now)
    return answers


def _answers(store: Store, envelopes: Sequence[Envelope], now: Micros) -> list[Pushed]:
    answers: list[Pushed] = []
    ids: set[str] = set()
    keys: dict[str, str] = {}
    for envelope in envelopes:
        answer = _answer(store, envelope, ids, keys, now)
        if answer.status is PushStatus.CREATED:
            ids.add(envelope.id)
            if envelope.unique_key is not None:
                keys[envelope.unique_key] = envelope.id
        answers.append(answer)
    return answers


def _answer(store: Store, envelope: Envelope, ids: set[str], keys: Mapping[str, str], now: Micros) -> Pushed:
    """The id comes before everything else: a push that is sent again changes nothing."""
    if envelope.id in store.jobs or envelope.id in ids:
        return Pushed(id=envelope.id, status=PushStatus.EXISTS)
    if store.tombstones.get(envelope.id, 0) > now:
        return Pushed(id=envelope.id, status=PushStatus.GONE)
    key = envelope.unique_key
    holder = None if key is None else keys.get(key) or gates.holder_of(store, key, now)
    if holder is not None:
        return Pushed(id=envelope.id, status=PushStatus.DUPLICATE, holder=holder)
    return Pushed(id=envelope.id, status=PushStatus.CREATED)


def _refuse_groups(new: Sequence[Envelope], fresh: Sequence[NewGroup], seal: Sequence[str], known: dict[str, GroupState]) -> None:
    """Adds the fresh ones to those that are known. Raises UnknownGroup, GroupEnded."""
    check_groups(fresh, known)
    known.update((group.id, GroupState.OPEN) for group in fresh)
    check_members(new, known)
    check_seals(seal, known)


def _refuse_overflow(store: Store, new: Mapping[str, Envelope], now: Micros) -> None:
    for name in {envelope.queue for envelope in new.values()}:
        most = store.settings(name, now).max_jobs
        if most is None:
            continue
        waiting = sum(times for (queue, _, state), times in store.counters.items() if queue == name and state in WAITING)
        more = sum(envelope.queue == name for envelope in new.values())
        if waiting + more > most:
            raise QueueFull(
                f"queue {name!r} takes at most {most} waiting jobs, holds {waiting} and was given {more} more; "
                "push again when some have started, or raise its max_jobs"
            )


def _refuse_edges(store: Store, new: Mapping[str, Envelope], nested: Mapping[str, str | None], known: Mapping[str, GroupState]) -> None:
    """Follow every edge. Raises UnknownDependency, UnknownGroup, and DependencyCycle with its path."""
    refuse_cycles(new, nested)
    refuse_progress_of_jobs(list(new.values()))
    for envelope in new.values():
        for edge in envelope.edges:
            if edge.of_group:
                check_edge(envelope.id, edge, known, member=envelope.group is not None)
            elif edge.job_id not in new:
                _check_parent(store, envelope, edge)
        if envelope.before:
            ids = (*envelope.before, *(edge.job_id for one in new.values() for edge in one.edges))
            waits = {id: {wait.parent for wait in store.jobs[id].waits} for id in envelope.before if id in store.jobs}
            check_before(envelope, {id: store.jobs[id].state for id in ids if id in store.jobs}, new, waits)


def _check_parent(store: Store, envelope: Envelope, edge: Edge) -> None:
    """A member may wait in vain: what it waits for may have ended since the chunk before this one was pushed."""
    id, parent = envelope.id, store.jobs.get(edge.job_id)
    if parent is None:
        raise UnknownDependency(
            f"job {id} waits for {edge.job_id}, which is not on this connection; push that one first, or together with this one"
        )
    if gates.shut(edge.on, parent.state) and envelope.group is None:
        raise UnknownDependency(f"job {id} waits for {edge.job_id}, which already ended {parent.state}: it would wait for ever")
