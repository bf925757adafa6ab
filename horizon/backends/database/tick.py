"""tick: the housekeeping of the store, bounded, safe from any number of processes at once."""

from __future__ import annotations

from horizon.backends.database.audit_chain import seal
from horizon.backends.database.chores import next_due_of_all, promote
from horizon.backends.database.fold import PER_STEP, fold, gather, roll_up
from horizon.backends.database.inbox import admit
from horizon.backends.database.kernel import gates, groups
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.leases import note_seen, reap
from horizon.backends.database.needed import Chore, look, needed
from horizon.backends.database.operations import has_due, step
from horizon.backends.database.store import Store
from horizon.backends.database.trim import trim
from horizon.backends.values import Ticked


def tick(store: Store, limit: int) -> Ticked:
    """See `Backend.tick`. One question tells what there is to do; each chore is a short transaction: none of them keeps a worker
    waiting for long."""
    oldest = look(store)
    chores = needed(oldest, store.now(), store.options, store.retention)
    if store.chores.groups or store.chores.groups_due:
        chores |= Chore.GROUPS | Chore.FOLD
    if store.chores.summing:
        chores |= Chore.FOLD
    if Chore.CLOCK in chores and Chore.CATCH_UP not in chores:
        note_seen(store, oldest.seen_at)
    if not chores & ~Chore.CLOCK:
        return Ticked(next_due=oldest.due)
    return _work(store, chores, limit)


def _work(store: Store, chores: Chore, limit: int) -> Ticked:
    admitted = promoted = reaped = opened = operated = sealed = folded = rolled = trimmed = 0
    store.recount()
    if Chore.CATCH_UP in chores:
        admitted, promoted, reaped, opened = store.act(lambda scope: _catch_up(store, scope, limit))
    if Chore.GROUPS in chores or store.chores.groups:
        store.act(lambda scope: _time_out(store, scope, limit))
    if Chore.OPERATE in chores:
        operated = store.act(lambda scope: step(scope, limit))
    if Chore.SEAL in chores:
        sealed = store.act(lambda scope: seal(scope, limit))
    if Chore.FOLD in chores:
        folded, rolled = store.act(lambda scope: _fold(store, scope, limit))
    if Chore.TRIM in chores:
        trimmed = store.act(lambda scope: trim(store, scope, limit))
    now = store.now()
    due, operating = store.read(lambda db: (next_due_of_all(db), has_due(db, now)))
    return Ticked(
        promoted=promoted,
        reaped=reaped,
        admitted=admitted,
        folded=folded + rolled,
        trimmed=trimmed,
        operated=operated,
        next_due=due,
        more=limit in (promoted, admitted, trimmed, sealed)
        or folded >= PER_STEP
        or store.chores.summing
        or reaped >= limit
        or opened >= gates.SPAN
        or operating
        or bool(store.chores.groups)
        or (due is not None and due <= now),
    )


def _fold(store: Store, scope: Scope, limit: int) -> tuple[int, int]:
    """(deltas folded, samples that went into coarser ones)."""
    folded = fold(scope, limit)
    if folded < max(limit, PER_STEP):  # else what is over may not be all there
        _, store.chores.summing = gather(scope, store.retention)
    return folded, roll_up(scope, store.retention)


def _time_out(store: Store, scope: Scope, limit: int) -> None:
    """Groups that were left unsealed; and whatever nobody came to see of any group is seen now."""
    groups.time_out(scope, scope.now - store.options.seal_timeout, limit)
    store.chores.groups_due = True


def _catch_up(store: Store, scope: Scope, limit: int) -> tuple[int, int, int, int]:
    scope.ledger.lots.most = limit
    return admit(store, scope, limit), promote(scope, limit), reap(store, scope, limit), gates.resume(scope)
