"""What is kept no longer: old records, forgotten ones, old audit entries, sessions, operations, tombstones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from horizon.backends.database import audit_chain
from horizon.backends.database.db import change
from horizon.backends.database.kernel import gates, gauges, record
from horizon.backends.database.kernel.rows import CANCELLED, COMPLETED, FAILED, NEEDLESS, Done
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.numbers import BY_QUEUE, counts_of
from horizon.backends.database.store import Store
from horizon.backends.retention import FORGOTTEN
from horizon.backends.values import TOMBSTONE

_MAY_GO = (
    "FROM horizon_done d JOIN horizon_job j ON j.n = d.n WHERE {which} AND j.pushed_at <= ? AND NOT EXISTS "
    "(SELECT 1 FROM horizon_edge e JOIN horizon_live l ON l.n = e.child WHERE e.parent = d.n) AND NOT EXISTS "
    f"(SELECT 1 FROM horizon_group g WHERE g.n = d.group_n AND g.state < {COMPLETED}) AND NOT EXISTS "
    f"(SELECT 1 FROM horizon_edge w JOIN horizon_group a ON a.n = -w.parent WHERE w.child = d.n AND w.parent < 0 AND a.state < {COMPLETED}) "
    "ORDER BY {order} LIMIT ? /*skip d*/"
)
"""Never what a late resend could still bring back, nor what a live job refers to, nor what a group that has not ended may want back."""
OUTLIVED = "SELECT d.n " + _MAY_GO.format(which="d.state = ? AND d.finished_at <= ?", order="d.finished_at, d.n")
OLDEST = "SELECT d.n " + _MAY_GO.format(which="d.state = ?", order="d.finished_at, d.n")
HIDDEN_LONG = "SELECT d.n " + _MAY_GO.format(which="d.hidden_at IS NOT NULL AND d.hidden_at <= ?", order="d.hidden_at, d.n")
OLD_TOMBSTONES = "DELETE FROM horizon_tombstone WHERE removed_at <= ?"
GROUPS = 1_000
"""Groups that go at a time."""
OLD_GROUPS = (
    "SELECT g.n FROM horizon_group g WHERE g.state = ? AND g.finished_at <= ? AND g.n < (SELECT max(n) FROM horizon_group) "
    "AND NOT EXISTS (SELECT 1 FROM horizon_group_delta d WHERE d.group_n = g.n) AND NOT EXISTS (SELECT 1 FROM horizon_gate w WHERE w.parent = -g.n) "
    f"AND NOT EXISTS (SELECT 1 FROM horizon_group a WHERE a.n = g.parent AND a.state < {COMPLETED}) ORDER BY g.n LIMIT ? /*skip g*/"
)
"""The newest one stays: no other may get a number that members of an old one still name."""
DROP_GROUPS = (
    ("DELETE FROM horizon_edge WHERE parent IN ({in})", -1),
    ("DELETE FROM horizon_group_delta WHERE group_n IN ({in})", 1),
    ("DELETE FROM horizon_group WHERE n IN ({in})", 1),
)
"""With the sign of its number there."""
OLD_OPERATIONS = "DELETE FROM horizon_operation WHERE finished_at IS NOT NULL AND finished_at <= ?"
OVER_SIGNED_OUT = "DELETE FROM horizon_signed_out WHERE until <= ?"
OLD_LOCKS = "DELETE FROM horizon_lock WHERE expires_at <= ?"
OLD_EFFECTS = "DELETE FROM horizon_effect WHERE at <= ?"
OVER_METERS = "DELETE FROM horizon_meter WHERE until <= ?"
OVER_NOTES = "DELETE FROM horizon_note WHERE until <= ?"
OLD_SESSIONS = "SELECT id FROM horizon_session WHERE ended_at IS NOT NULL AND ended_at <= ?"
DROP_SESSIONS = "DELETE FROM horizon_session WHERE id IN ({in})"
DROP_COMMANDS = "DELETE FROM horizon_command WHERE session IN ({in})"


def trim(store: Store, scope: Scope, limit: int) -> int:
    """Remove at most `limit` records whose time is over, and everything else that has outlived its setting."""
    if not scope.db.alone("trim"):
        return 0
    removed = 0
    for sql, params in _kinds(store, scope):
        removed += len(_remove(scope, sql, params, limit - removed))
    gauges.trim(scope.db, scope.now, limit)
    scope.ledger.lots.forget(limits=True)
    surplus = trim_surplus(store, scope, limit - removed)
    _trim_rest(store, scope)
    return removed + surplus


def trim_surplus(store: Store, scope: Scope, limit: int) -> int:
    """Remove at most `limit` of the oldest completed records beyond the number that is kept."""
    completed = sum(n for (_, _, state), n in counts_of(scope.db, by=BY_QUEUE).items() if state == COMPLETED)
    surplus = completed + scope.ledger.total([COMPLETED]) - store.retention.completed_jobs
    return len(_remove(scope, OLDEST, (COMPLETED,), min(surplus, limit)))


def _kinds(store: Store, scope: Scope) -> Iterator[tuple[str, tuple[int, ...]]]:
    """What has outlived its time, as statements with their first parameters."""
    kept, now = store.retention, scope.now
    yield HIDDEN_LONG, (now - kept.undo,)
    yield OUTLIVED, (COMPLETED, now - kept.completed)
    yield OUTLIVED, (FAILED, now - kept.failed)
    yield OUTLIVED, (CANCELLED, now - kept.cancelled)
    yield OUTLIVED, (CANCELLED + NEEDLESS, now - kept.cancelled)


def _remove(scope: Scope, sql: str, params: Sequence[int], limit: int) -> list[Done]:
    if limit <= 0:
        return []
    ns = [n for (n,) in scope.db.all(sql, (*params, scope.now - TOMBSTONE, limit))]
    ends = gates.fetch_done_short(scope.db, ns)
    record.removed(scope.db, scope.ledger, ends, scope.now)
    return ends


def _trim_rest(store: Store, scope: Scope) -> None:
    kept, now, db = store.retention, scope.now, scope.db
    for state, time in ((COMPLETED, kept.completed), (FAILED, kept.failed), (CANCELLED, kept.cancelled)):
        over = [n for (n,) in db.all(OLD_GROUPS, (state, now - time, GROUPS))]
        for sql, sign in DROP_GROUPS:
            change(db, sql, [sign * n for n in over])
    db.run(OLD_TOMBSTONES, (now - TOMBSTONE,))
    audit_chain.trim(scope, now - kept.audit)
    db.run(OLD_OPERATIONS, (now - kept.sessions,))
    db.run(OVER_SIGNED_OUT, (now,))
    db.run(OVER_METERS, (now,))
    db.run(OVER_NOTES, (now,))
    db.run(OLD_LOCKS, (now - FORGOTTEN,))
    db.run(OLD_EFFECTS, (now - kept.effects,))
    ended = [id for (id,) in db.all(OLD_SESSIONS, (now - kept.sessions,))]
    change(db, DROP_COMMANDS, ended)
    change(db, DROP_SESSIONS, ended)
