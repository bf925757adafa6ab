"""push: store new jobs, all of up to 1,000 or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from horizon.backends.database import grouped
from horizon.backends.database.audit import keep
from horizon.backends.database.db import fetch
from horizon.backends.database.kernel import gates, keys
from horizon.backends.database.kernel.birth import ParentStates, parents_of, store_new
from horizon.backends.database.kernel.rows import PLAIN, state_of
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.numbers import WAITING, waiting_of
from horizon.backends.database.store import Store
from horizon.backends.grouping import asked_of, check_edge, refuse_progress_of_jobs
from horizon.backends.parking import refuse_limits
from horizon.backends.values import PUSH_LIMIT, TOMBSTONE, Pushed, PushStatus
from horizon.core.audit import AuditEntry
from horizon.core.cycles import refuse_cycles
from horizon.core.envelope import Edge, Envelope
from horizon.core.errors import QueueFull, UnknownDependency
from horizon.core.group import NewGroup

KNOWN = "SELECT id FROM horizon_job WHERE id IN ({in})"
GONE = "SELECT id FROM horizon_tombstone WHERE removed_at > ? AND id IN ({in})"


def push(
    store: Store,
    envelopes: Sequence[Envelope],
    *,
    groups: Sequence[NewGroup] = (),
    seal: Sequence[str] = (),
    audit: AuditEntry | None = None,
) -> list[Pushed]:
    """See `Backend.push`."""
    refuse_limits(envelopes)
    if len(envelopes) <= PUSH_LIMIT:
        return _push_one(store, Chunk(envelopes, groups, seal), audit)
    answers: list[Pushed] = []
    last = (len(envelopes) - 1) // PUSH_LIMIT * PUSH_LIMIT
    for start in range(0, last + 1, PUSH_LIMIT):
        chunk = Chunk(envelopes[start : start + PUSH_LIMIT], () if start else groups, seal if start == last else ())
        answers += _push_one(store, chunk, audit)
    return answers


def _push_one(store: Store, chunk: Chunk, audit: AuditEntry | None) -> list[Pushed]:
    plainly = store.push_plainly(chunk.envelopes) if audit is None and chunk.is_plain() else None
    if plainly is not None:
        return plainly
    return store.act(lambda scope: _push_audited(store, scope, chunk, audit)) if any(chunk) else []


class Chunk(NamedTuple):
    """What goes in one act."""

    envelopes: Sequence[Envelope]
    groups: Sequence[NewGroup] = ()
    seal: Sequence[str] = ()

    def is_plain(self) -> bool:
        """Whether it is jobs and nothing else."""
        return bool(self.envelopes) and not self.groups and not self.seal


def _push_audited(store: Store, scope: Scope, chunk: Chunk, audit: AuditEntry | None) -> list[Pushed]:
    answers = push_chunk(store, scope, *chunk)
    keep(scope, audit, sum(answer.status is PushStatus.CREATED for answer in answers))
    return answers


def push_chunk(
    store: Store, scope: Scope, envelopes: Sequence[Envelope], groups: Sequence[NewGroup] = (), seal: Sequence[str] = ()
) -> list[Pushed]:
    """Answer for every envelope first, refuse what must be refused, and only then write."""
    refuse_limits(envelopes)
    answers = _answers(scope, envelopes)
    new = {answer.id: e for answer, e in zip(answers, envelopes, strict=True) if answer.status is PushStatus.CREATED}
    known = grouped.known_of(scope, asked_of(envelopes, groups, seal))
    fresh = [group for group in groups if group.id not in known]
    grouped.refuse(list(new.values()), fresh, seal, known)
    parents = _refuse_edges(scope, new, fresh, known) if new else {}
    _refuse_overflow(store, scope, new)
    grouped.store(scope, fresh, known)
    store_new(scope, list(new.values()), {**parents, **{id: group.parent() for id, group in known.items()}})
    grouped.joined(scope, new.values(), seal, known)
    return answers


# what each envelope is answered ---------------------------------------------------------------------


def _answers(scope: Scope, envelopes: Sequence[Envelope]) -> list[Pushed]:
    """The id comes before everything else: a push that is sent again changes nothing."""
    ids = [envelope.id for envelope in envelopes]
    known = {id for (id,) in fetch(scope.db, KNOWN, ids)}
    gone = {id for (id,) in fetch(scope.db, GONE, ids, before=(scope.now - TOMBSTONE,))}
    fresh = [e for e in envelopes if e.unique_key is not None and e.id not in known and e.id not in gone]
    holders = _holders(scope, fresh)
    return [_answer(envelope, known, gone, holders) for envelope in envelopes]


def _answer(envelope: Envelope, known: set[str], gone: set[str], holders: dict[str, str]) -> Pushed:
    """Notes what it lets through in `known` and `holders`, for the envelopes that follow."""
    if envelope.id in known:
        return Pushed(id=envelope.id, status=PushStatus.EXISTS)
    if envelope.id in gone:
        return Pushed(id=envelope.id, status=PushStatus.GONE)
    if envelope.unique_key is not None:
        if envelope.unique_key in holders:
            return Pushed(id=envelope.id, status=PushStatus.DUPLICATE, holder=holders[envelope.unique_key])
        holders[envelope.unique_key] = envelope.id
    known.add(envelope.id)
    return Pushed(id=envelope.id, status=PushStatus.CREATED)


def _holders(scope: Scope, envelopes: Sequence[Envelope]) -> dict[str, str]:
    """Who holds the unique keys of these now; a holder past its time loses its key to the push that meets it."""
    return keys.holders_of(scope.db, sorted({str(envelope.unique_key) for envelope in envelopes}), scope.now)


# what is refused ------------------------------------------------------------------------------------


def _refuse_overflow(store: Store, scope: Scope, new: Mapping[str, Envelope]) -> None:
    most = store.book.read(scope.db).most
    for name in sorted({envelope.queue for envelope in new.values()} & most.keys()) if most else ():
        scope.db.queue_up(f"room on {name}")
        waiting = waiting_of(scope.db, name) + scope.ledger.total(WAITING, name)
        more = sum(envelope.queue == name for envelope in new.values())
        if waiting + more > most[name]:
            raise QueueFull(
                f"queue {name!r} takes at most {most[name]} waiting jobs, holds {waiting} and was given {more} more; "
                "push again when some have started, or raise its max_jobs"
            )


def _refuse_edges(scope: Scope, new: Mapping[str, Envelope], fresh: Sequence[NewGroup], known: Mapping[str, grouped.Known]) -> ParentStates:
    """Follow every edge; returns what is known of the stored jobs they lead to.

    Raises UnknownDependency, UnknownGroup, and DependencyCycle with its path.
    """
    waiting = {id: envelope for id, envelope in new.items() if envelope.edges}
    before = grouped.refuse_before(scope, new)
    if not waiting:
        return before
    parents = parents_of(scope, list(waiting.values()))
    refuse_cycles(new if fresh or known else waiting, {group.id: group.parent for group in fresh})
    refuse_progress_of_jobs(list(waiting.values()))
    states = grouped.states(fresh, known)
    for envelope in waiting.values():
        for edge in envelope.edges:
            if edge.of_group:
                check_edge(envelope.id, edge, states, member=envelope.group is not None)
            elif edge.job_id not in new:
                _check_parent(envelope, edge, parents)
    return {**before, **parents}


def _check_parent(envelope: Envelope, edge: Edge, parents: ParentStates) -> None:
    """A member may wait in vain: what it waits for may have ended since the chunk before this one was pushed."""
    id = envelope.id
    if edge.job_id not in parents:
        raise UnknownDependency(
            f"job {id} waits for {edge.job_id}, which is not on this connection; push that one first, or together with this one"
        )
    state = parents[edge.job_id][1]
    if state is not None and envelope.group is None and not gates.satisfied(edge.on, state & PLAIN):
        raise UnknownDependency(f"job {id} waits for {edge.job_id}, which already ended {state_of(state)}: it would wait for ever")
