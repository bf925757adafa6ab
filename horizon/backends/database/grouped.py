"""What a push does with groups: it looks at those it speaks of, stores new ones, lets jobs join, and seals."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from horizon.backends.database.db import change, fetch, insert
from horizon.backends.database.kernel import gates
from horizon.backends.database.kernel.birth import Parent, ParentStates
from horizon.backends.database.kernel.groups import ALL, BATCH, FORGIVEN, OPEN, RUNNING, note
from horizon.backends.database.kernel.rows import state_of
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.grouping import check_before, check_groups, check_members, check_seals
from horizon.core.clock import Micros
from horizon.core.envelope import Envelope
from horizon.core.group import STATE_OF, GroupState, NewGroup

LOOK = (
    "SELECT g.id, g.n, g.kind, g.state, g.failed_at, g.reason, g.sweeping, g.parent FROM horizon_group g WHERE g.id IN ({in}) /*share g*/"
)
"""They must not end unseen before the jobs are there. Whoever pushes shares these rows with others who do, and writes none of them
without need: two that wanted to change what they share would wait for one another until the server ends it, which takes it a second."""
STORE = insert(
    "horizon_group",
    "id kind name parent state allow allow_all total completed failed cancelled unneeded needless generation created_at touched_at told_at "
    "sweeping options owner tenant",
)
NUMBER = "SELECT n FROM horizon_group WHERE id = ?"
SEAL = f"UPDATE horizon_group SET state = {RUNNING}, touched_at = ? WHERE state = {OPEN} AND n IN ({{in}})"
SWEEP = f"UPDATE horizon_group SET sweeping = {ALL} WHERE sweeping <> {ALL} AND n IN ({{in}})"
WAITS = "SELECT child, parent FROM horizon_edge WHERE child IN ({in})"
NUMBERS = "SELECT id, n FROM horizon_job WHERE id IN ({in})"


class Known(NamedTuple):
    """A stored group, as a push needs it."""

    id: str
    n: int
    kind: int
    state: int
    failed_at: Micros | None = None
    reason: str | None = None
    sweeping: int = 0
    parent_n: int | None = None

    def parent(self) -> Parent:
        """For the edges that lead to it."""
        ended = STATE_OF[self.state].ended
        return Parent(-self.n, self.state if ended else None, not ended and self.failed_at is not None)

    def is_cancelling(self) -> bool:
        """Whether jobs that come now are cancelled at once."""
        return self.reason is not None or (self.kind == BATCH and self.failed_at is not None and self.sweeping != FORGIVEN)


def known_of(scope: Scope, ids: Sequence[str]) -> dict[str, Known]:
    """The stored ones of these groups; none of them ends before this act is over."""
    return {row[0]: Known._make(row) for row in fetch(scope.db, LOOK, sorted(ids))} if ids else {}


def states(fresh: Sequence[NewGroup], known: Mapping[str, Known]) -> dict[str, GroupState]:
    """Where all of these stand."""
    return {**{id: STATE_OF[group.state] for id, group in known.items()}, **dict.fromkeys((group.id for group in fresh), GroupState.OPEN)}


def refuse(new: Sequence[Envelope], fresh: Sequence[NewGroup], seal: Sequence[str], known: Mapping[str, Known]) -> None:
    """Raises UnknownGroup, GroupEnded."""
    check_groups(fresh, states((), known))
    check_members(new, states(fresh, known))
    check_seals(seal, states(fresh, known))


def refuse_before(scope: Scope, new: Mapping[str, Envelope]) -> ParentStates:
    """The blocked jobs that new ones are put before; they stay blocked until this act is over. Raises UnknownDependency."""
    putting = [envelope for envelope in new.values() if envelope.before]
    if not putting:
        return {}
    ids = {id for one in putting for id in one.before} | {edge.job_id for one in new.values() for edge in one.edges}
    numbers = dict(fetch(scope.db, NUMBERS, sorted(ids - new.keys())))
    jobs = gates.hold(scope.db, sorted(numbers.values()))
    found = {id: state_of(jobs[n].state) for id, n in numbers.items() if n in jobs}
    waits = _waits(scope, {n: id for id, n in numbers.items() if any(id in one.before for one in putting)})
    for envelope in putting:
        check_before(envelope, found, new, waits)
    return {id: Parent(numbers[id], None) for one in putting for id in one.before}


def _waits(scope: Scope, jobs: Mapping[int, str]) -> dict[str, set[str]]:
    """What each of these jobs waits for, or waited for."""
    edges = fetch(scope.db, WAITS, list(jobs))
    names = gates.names_of(scope.db, sorted({parent for _, parent in edges}))
    found: dict[str, set[str]] = {}
    for child, parent in edges:
        found.setdefault(jobs[child], set()).add(names.get(parent, ""))
    return found


def store(scope: Scope, fresh: Sequence[NewGroup], known: dict[str, Known]) -> None:
    """Store new groups, each behind the one it is nested in; they are known from now on."""
    for group in fresh:
        parent = None if group.parent is None else known[group.parent].n
        scope.db.run(STORE, _row(group, parent, scope.now))
        ((n,),) = scope.db.all(NUMBER, (group.id,))
        known[group.id] = Known(group.id, n, group.kind.code, OPEN, parent_n=parent)
        scope.ledger.joined(parent, 1)


def joined(scope: Scope, new: Iterable[Envelope], seal: Sequence[str], known: Mapping[str, Known]) -> None:
    """Jobs came for these groups, and perhaps the last ones."""
    mine = [known[id] for id in sorted({envelope.group for envelope in new if envelope.group is not None})]
    late = [group.n for group in mine if group.is_cancelling()]
    change(scope.db, SWEEP, late)
    sealed = sorted({known[id].n for id in seal})
    change(scope.db, SEAL, sealed, before=(scope.now,))
    for n in (*late, *sealed):
        note(scope, n)


def _row(group: NewGroup, parent: int | None, now: Micros) -> tuple[object, ...]:
    allow = None if group.allow is None else repr(group.allow)
    options = json.dumps(dict(group.options), ensure_ascii=False) if group.options else None
    return (
        group.id, group.kind.code, group.name, parent, OPEN, allow, int(group.allow_all), 0, 0, 0, 0, 0, 0, 0, now, now, now, 0, options,
        group.user, group.tenant,
    )  # fmt: skip
