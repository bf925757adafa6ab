"""Housekeeping in small steps: what every turn does on its way, so that nothing depends on anybody ticking."""

from __future__ import annotations

from horizon.backends.database.db import Db
from horizon.backends.database.fold import FOLD_MANY, fold, roll_up, waiting
from horizon.backends.database.inbox import admit
from horizon.backends.database.kernel import gates, record
from horizon.backends.database.kernel.parking import conclude
from horizon.backends.database.kernel.rows import PENDING, RETRYING, SCHEDULED, Live, columns
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.kernel.settle import expire
from horizon.backends.database.leases import reap
from horizon.backends.database.operations import step
from horizon.backends.database.store import Store
from horizon.backends.database.trim import trim
from horizon.backends.values import DUE_IN_PASSING
from horizon.core.clock import SECOND, Micros

LIMIT = 500
EVERY: Micros = SECOND
LOOK_AFTER = 500
"""Rows of changed numbers after which a process looks how many wait: a busy worker of many classes adds 50 a turn."""
SURPLUS = 2_000
"""Old records that a busy worker removes at a time, where nobody ticks."""
DUE = f"SELECT {columns(Live)} FROM horizon_live WHERE due IS NOT NULL AND due <= ? ORDER BY due, n LIMIT ? /*skip*/"


def on_the_way(store: Store, scope: Scope) -> Micros | None:
    """Admit and promote at every turn; look after dead sessions and long lists once a second.

    Returns when the next waiting job is due.
    """
    waits, soonest = scope.db.glance()
    if waits and admit(store, scope, LIMIT):
        soonest = next_due_of_all(scope.db)
    if not 0 <= scope.now - store.chores.last < EVERY:
        store.chores.last = scope.now
        soonest = _look_after(store, scope)
    elif store.chores.deltas >= LOOK_AFTER:
        _fold_many(store, scope)
    if soonest is not None and soonest <= scope.now:
        promote(scope, DUE_IN_PASSING)
        soonest = next_due_of_all(scope.db)
    return next_due_of_all(scope.db) if conclude(scope) else soonest


def _look_after(store: Store, scope: Scope) -> Micros | None:
    """Dead sessions, gates left open, operations under way, lists grown long; returns when the next job is due then."""
    reap(store, scope, LIMIT)
    gates.resume(scope)
    step(scope)
    store.chores.groups_due = True
    if _fold_many(store, scope):
        roll_up(scope, store.retention)
        trim(store, scope, SURPLUS)
    return next_due_of_all(scope.db)


def _fold_many(store: Store, scope: Scope) -> bool:
    """Fold some of the changed numbers where many wait: whoever reads a count adds up all that do."""
    store.chores.deltas = 0
    if waiting(scope.db) <= FOLD_MANY:
        return False
    fold(scope)
    return True


def next_due_of_all(db: Db) -> Micros | None:
    """When the next waiting job of any queue is due."""
    return db.glance()[1]


def promote(scope: Scope, limit: int) -> int:
    """Make pending what is due, in the order of their times: a job stands where it would, had it been promoted on time.

    What waits past a deadline that it does not outlive ends here, too.
    """
    due = [Live._make(row) for row in scope.db.all(DUE, (scope.now, limit))]
    parked = [job for job in due if job.lot is not None and job.lot < 0]
    for job in parked:
        scope.ledger.lots.of(job.lot or 0).due.add(job.n)
    entering = [job for job in due if not job.waits_for_turn]
    moves = {job.n: (scope.place(job.queue, job.rank, job, job.due), job.due or scope.now) for job in entering}
    for state in (SCHEDULED, RETRYING):
        jobs = [job for job in entering if job.state == state]
        record.shifted(scope.db, scope.ledger, jobs, PENDING, [moves[job.n] for job in jobs])
    if late := [job for job in due if job.waits_for_turn and job.expires_at is not None and job.expires_at <= scope.now]:
        expire(scope, late)
    return len(due) - len(parked)  # whether there is room for these is for their limits to say
