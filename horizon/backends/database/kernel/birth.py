"""How a record comes into being: an envelope that was checked, its edges looked at, its key taken."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from horizon.backends.database.db import fetch, insert
from horizon.backends.database.kernel import gates, parked, record
from horizon.backends.database.kernel.endings import ended_at_birth
from horizon.backends.database.kernel.record import Birth
from horizon.backends.database.kernel.rows import BLOCKED, CANCELLED, PENDING, SCHEDULED
from horizon.backends.database.kernel.scope import Scope
from horizon.core.clock import Micros
from horizon.core.envelope import Envelope, On

PARENTS = "SELECT j.id, j.n, d.state FROM horizon_job j LEFT JOIN horizon_done d ON d.n = j.n WHERE j.id IN ({in})"
HOLD_PARENTS = "SELECT l.n FROM horizon_job j JOIN horizon_live l ON l.n = j.n WHERE j.id IN ({in}) /*share l*/"
"""Those that have not ended must not end unseen before the edges to them are there."""
INSERT_EDGE = insert("horizon_edge", "parent child condition state")


class Parent(NamedTuple):
    """A stored job or group that others wait for."""

    n: int
    """Of a group: below 0."""
    state: int | None
    """Where it ended."""
    failing: bool = False
    """A group that has not ended, and of which more failed than it allows."""


ParentStates = Mapping[str, Parent]
"""By id."""


def parents_of(scope: Scope, envelopes: Sequence[Envelope]) -> ParentStates:
    """The stored jobs that these wait for."""
    ids = sorted({edge.job_id for envelope in envelopes for edge in envelope.edges if not edge.of_group})
    scope.db.hold(HOLD_PARENTS, ids)
    return {id: Parent(n, state) for id, n, state in fetch(scope.db, PARENTS, ids)}


def store_new(scope: Scope, envelopes: Sequence[Envelope], parents: ParentStates | None = None) -> None:
    """Store checked envelopes: blocked where an edge is open, scheduled where its time is to come, else pending."""
    if not envelopes:
        return
    parents = parents or {}
    if fair := [(one.fair, one.queue, -one.priority) for one in envelopes if one.fair is not None]:
        scope.turns.expect(scope.db, fair)
    births = [_birth(scope, envelope, parents) for envelope in envelopes]
    lots = parked.lots_for(scope.db, scope.ledger, [(one.queue, one.limits) for one in envelopes], scope.now, anew=True)
    for birth, lot in zip(births, lots, strict=True):
        birth.lot = lot
    record.born(scope.db, scope.ledger, births, scope.now)
    numbers = {**{id: parent.n for id, parent in parents.items()}, **{birth.envelope.id: birth.n for birth in births}}
    edges = {
        (numbers[edge.job_id], birth.n, int(edge.on), gates.MET if _met(edge.on, edge.job_id, parents) else gates.OPEN)
        for birth in births
        for edge in birth.envelope.edges
    }
    edges |= {(birth.n, numbers[id], int(On.COMPLETED), gates.OPEN) for birth in births for id in birth.envelope.before}
    scope.db.many(INSERT_EDGE, sorted(edges))
    # members may wait in vain: they are cancelled as if they had been there when their parent ended
    vain = {parents[edge.job_id] for birth in births for edge in birth.envelope.edges if _is_shut(edge.on, edge.job_id, parents)}
    gates.follow(scope, {parent.n: parent.state for parent in vain if parent.state is not None})


def store_refused(scope: Scope, envelope: Envelope, state: int, reason: str) -> None:
    """Store an envelope that was refused at admission, as the record that says so."""
    birth = _birth(scope, replace(envelope, group=None), {})  # it came to no group
    record.born_ended(scope.db, scope.ledger, birth, scope.now, lambda n: ended_at_birth(n, envelope, state, scope.now, reason))
    tally = scope.ledger.of(envelope.queue, envelope.name)
    if state == CANCELLED:
        tally.cancelled += 1
    else:
        tally.failed += 1


def available_at(envelope: Envelope, now: Micros) -> Micros:
    """The moment before which an envelope received now may not run."""
    return envelope.available_at if envelope.available_at is not None else now + envelope.delay


def _met(condition: int, parent: str, parents: ParentStates) -> bool:
    if parent not in parents:
        return False
    known = parents[parent]
    if known.state is None:
        return known.failing and condition == On.FAILED
    return gates.satisfied(condition, known.state)


def _is_shut(condition: int, parent: str, parents: ParentStates) -> bool:
    return parent in parents and parents[parent].state is not None and not _met(condition, parent, parents)


def _birth(scope: Scope, envelope: Envelope, parents: ParentStates) -> Birth:
    now = scope.now
    at = available_at(envelope, now)
    blocked = bool(envelope.edges) and not all(_met(edge.on, edge.job_id, parents) for edge in envelope.edges)
    state = BLOCKED if blocked else SCHEDULED if at > now else PENDING
    return Birth(
        envelope=envelope,
        state=state,
        place=scope.place(envelope.queue, -envelope.priority, envelope) if state == PENDING else 0,
        available_at=now if state == PENDING else at,
        tags=json.dumps(envelope.tags, ensure_ascii=False) if envelope.tags else None,
        group_n=-parents[envelope.group].n if envelope.group is not None and envelope.group in parents else None,
        unique_until=None if envelope.unique_key is None or envelope.unique_for is None else now + envelope.unique_for,
    )
