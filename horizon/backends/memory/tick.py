"""tick: the housekeeping of a store. `catch_up` is the part that every turn does on its way."""

from __future__ import annotations

from horizon.backends.memory.audit_chain import seal
from horizon.backends.memory.inbox import admit
from horizon.backends.memory.kernel import lots, record, settle
from horizon.backends.memory.kernel.groups import time_out
from horizon.backends.memory.kernel.leveling import level_all
from horizon.backends.memory.kernel.store import Store
from horizon.backends.memory.operations import has_due, step
from horizon.backends.memory.sessions import reap, watch_clock
from horizon.backends.memory.shelf import gather
from horizon.backends.memory.trim import roll_up, trim
from horizon.backends.values import DUE_IN_PASSING, Ticked
from horizon.core.clock import Micros
from horizon.core.states import JobState

LIMIT = 500


def tick(store: Store, now: Micros, limit: int = LIMIT) -> Ticked:
    """See `Backend.tick`."""
    admitted, promoted, reaped = catch_up(store, now, limit, due=limit)
    time_out(store, now)
    operated = step(store, now, limit)
    sealed = seal(store, now, limit)
    gather(store, now)
    folded = roll_up(store, now)
    trimmed = trim(store, now, limit)
    return Ticked(
        promoted=promoted,
        reaped=reaped,
        admitted=admitted,
        folded=folded,
        trimmed=trimmed,
        operated=operated,
        next_due=min((*(at for at, _ in store.due[:1]), *(at for _, at in lots.openings(store, now))), default=None),
        more=limit in (promoted, admitted, trimmed, sealed) or reaped >= limit or bool(store.loose) or has_due(store, now),
    )


def catch_up(store: Store, now: Micros, limit: int = LIMIT, *, due: int = DUE_IN_PASSING) -> tuple[int, int, int]:
    """What is due, what came with a host's transaction, what dead workers held: (admitted, promoted, reaped)."""
    watch_clock(store, now)
    moved = admit(store, now, limit), promote(store, now, due), reap(store, now, limit)
    lots.loosen_open(store, now)
    level_all(store, now, limit)
    return moved


def promote(store: Store, now: Micros, limit: int) -> int:
    """Make pending what is due, in the order of their times: a job stands where it would, had it been promoted on time.

    What waits past a deadline that it does not outlive ends here, too.
    """
    promoted = 0
    while promoted < limit and store.due and store.due[0][0] <= now:
        at, n = store.due[0]
        job = store.by_n[n]
        if job.parked or job.state is JobState.PENDING:
            settle.expire(store, job, now)
        else:
            record.move(store, job, JobState.PENDING, now, at=at)
        promoted += 1
    return promoted
