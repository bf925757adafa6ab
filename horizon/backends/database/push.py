"""push: store new jobs, all of up to 1,000 or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from horizon.backends.database.audit import keep
from horizon.backends.database.db import fetch
from horizon.backends.database.kernel import gates, record
from horizon.backends.database.kernel.birth import ParentStates, parents_of, store_new
from horizon.backends.database.kernel.rows import PLAIN, state_of
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.numbers import WAITING, waiting_of
from horizon.backends.database.store import Store
from horizon.backends.values import PUSH_LIMIT, TOMBSTONE, Pushed, PushStatus
from horizon.core.audit import AuditEntry
from horizon.core.cycles import refuse_cycles
from horizon.core.envelope import Edge, Envelope
from horizon.core.errors import ComesLater, QueueFull, UnknownDependency

KNOWN = "SELECT id FROM horizon_job WHERE id IN ({in})"
GONE = "SELECT id FROM horizon_tombstone WHERE removed_at > ? AND id IN ({in})"


def push(store: Store, envelopes: Sequence[Envelope], audit: AuditEntry | None = None) -> list[Pushed]:
    """See `Backend.push`."""
    answers: list[Pushed] = []
    for start in range(0, len(envelopes), PUSH_LIMIT):
        chunk = envelopes[start : start + PUSH_LIMIT]
        plainly = store.push_plainly(chunk) if audit is None else None
        answers += plainly or store.act(lambda scope, chunk=chunk: _push_audited(store, scope, chunk, audit))  # type: ignore[misc]
    return answers


def _push_audited(store: Store, scope: Scope, envelopes: Sequence[Envelope], audit: AuditEntry | None) -> list[Pushed]:
    answers = push_chunk(store, scope, envelopes)
    keep(scope, audit, sum(answer.status is PushStatus.CREATED for answer in answers))
    return answers


def push_chunk(store: Store, scope: Scope, envelopes: Sequence[Envelope]) -> list[Pushed]:
    """Answer for every envelope first, refuse what must be refused, and only then write."""
    answers = _answers(scope, envelopes)
    new = {answer.id: e for answer, e in zip(answers, envelopes, strict=True) if answer.status is PushStatus.CREATED}
    if new:
        _refuse_groups(new)
        parents = _refuse_edges(scope, new)
        _refuse_overflow(store, scope, new)
        store_new(scope, list(new.values()), parents)
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
    return record.holders_of(scope.db, sorted({str(envelope.unique_key) for envelope in envelopes}), scope.now)


# what is refused ------------------------------------------------------------------------------------


def _refuse_groups(new: Mapping[str, Envelope]) -> None:
    if any(envelope.group is not None for envelope in new.values()):
        raise ComesLater("groups of jobs (batches, chains, workflows) come with the whole job model; push the jobs without a group")


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


def _refuse_edges(scope: Scope, new: Mapping[str, Envelope]) -> ParentStates:
    """Follow every edge; returns what is known of the stored jobs they lead to.

    Raises UnknownDependency, and DependencyCycle with its path.
    """
    waiting = {id: envelope for id, envelope in new.items() if envelope.edges}
    if not waiting:
        return {}
    parents = parents_of(scope, list(waiting.values()))
    refuse_cycles(waiting)
    for envelope in waiting.values():
        for edge in envelope.edges:
            if edge.job_id not in new:
                _check_parent(envelope.id, edge, parents)
    return parents


def _check_parent(id: str, edge: Edge, parents: ParentStates) -> None:
    if edge.job_id not in parents:
        raise UnknownDependency(
            f"job {id} waits for {edge.job_id}, which is not on this connection; push that one first, or together with this one"
        )
    state = parents[edge.job_id][1]
    if state is not None and not gates.satisfied(edge.on, state & PLAIN):
        raise UnknownDependency(f"job {id} waits for {edge.job_id}, which already ended {state_of(state)}: it would wait for ever")
