"""A member that is taken out of its group while it waits."""

from __future__ import annotations

from horizon.backends.database.db import fetch
from horizon.backends.database.kernel import gates, record
from horizon.backends.database.kernel.birth import INSERT_EDGE
from horizon.backends.database.kernel.endings import ended_unrun
from horizon.backends.database.kernel.gates import MET, OPEN
from horizon.backends.database.kernel.rows import CANCELLED, NEEDLESS
from horizon.backends.database.kernel.scope import Scope

NUMBER = "SELECT n FROM horizon_job WHERE id = ?"
CHILDREN = "SELECT child, condition FROM horizon_edge WHERE parent = ? AND state = 0 ORDER BY child"
WAITS = "SELECT child, parent, condition, state FROM horizon_edge WHERE child IN ({in})"
HOLD_GROUPS = "SELECT g.n FROM horizon_group g WHERE g.n IN ({in}) /*share g*/"
"""None of them ends unseen before the edges to it are there."""


def drop(scope: Scope, id: str, reason: str) -> bool:
    """End a blocked job that nobody needs; those that wait for it wait for what it waited for. False where it is not blocked.

    What it waits for is held first: whoever ends one of these meanwhile finds the new edges, or was seen here.
    """
    db = scope.db
    row = db.one(NUMBER, (id,))
    if row is None:
        return False
    n = int(row[0])
    children = [child for child, _ in db.all(CHILDREN, (n,))]
    parents = {parent for _, parent, _, _ in fetch(db, WAITS, [n])}
    gates.hold(db, sorted({n, *children, *(parent for parent in parents if parent > 0)}))
    fetch(db, HOLD_GROUPS, sorted(-parent for parent in parents if parent < 0))
    blocked = gates.hold_blocked(db, [n])
    if not blocked:
        return False
    record.ended(db, scope.ledger, blocked, [ended_unrun(blocked[0], CANCELLED + NEEDLESS, scope.now, reason)])
    _hand_on(scope, n)
    return True


def _hand_on(scope: Scope, n: int) -> None:
    db = scope.db
    edges = [(child, condition) for child, condition in db.all(CHILDREN, (n,))]
    db.many(gates.DECIDE, [(MET, n, child, condition) for child, condition in edges])
    waits = [(parent, condition, MET if state == MET else OPEN) for _, parent, condition, state in fetch(db, WAITS, [n])]
    children = sorted({child for child, _ in edges})
    known = {(parent, child, condition) for child, parent, condition, _ in fetch(db, WAITS, children)}
    db.many(
        INSERT_EDGE,
        [
            (parent, child, condition, state)
            for child in children
            for parent, condition, state in waits
            if (parent, child, condition) not in known
        ],
    )
    gates.open_if_met(scope, gates.hold_blocked(db, children))
