"""What becomes of the jobs of a worker that is gone, and when a session counts as gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from horizon.backends.database.db import Db
from horizon.backends.database.kernel.ledger import touch
from horizon.backends.database.kernel.rows import PROCESSING, Live, columns
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.kernel.settle import end_attempts
from horizon.backends.database.store import Store
from horizon.backends.values import Verdict, VerdictKind
from horizon.backends.verdicts import LOST_TOUCH, outcome_of
from horizon.core.clock import SECOND, Micros

SEEN_EVERY: Micros = SECOND
"""How exactly the moment is kept at which anybody was last here."""

HELD = f"SELECT {columns(Live)} FROM horizon_live WHERE session = ? AND state = {PROCESSING} /*hold n*/"
EXPIRED = "SELECT id FROM horizon_session WHERE ended_at IS NULL AND expires_at <= ? ORDER BY expires_at /*end*/"
END = "UPDATE horizon_session SET ended_at = ? WHERE id = ? AND ended_at IS NULL"
META = "SELECT name, value FROM horizon_meta WHERE name IN ('seen_at', 'no_reaping_before')"
SET_META = "UPDATE horizon_meta SET value = ? WHERE name = ?"
NEW_META = "INSERT INTO horizon_meta (name, value) VALUES (?, ?)"
NOTE_SEEN = "UPDATE horizon_meta SET value = ? WHERE name = 'seen_at' AND value = ?"
AT_MOST = "UPDATE horizon_session SET expires_at = ? WHERE ended_at IS NULL AND expires_at > ?"


# what a worker that is gone had ---------------------------------------------------------------------


def held_by(db: Db, session: str, executor: int | None = None) -> list[Live]:
    """What a session, or one executor of it, holds now."""
    jobs = sorted(map(Live._make, db.all(HELD, (session,))))
    return [job for job in jobs if executor is None or job.executor == executor]


def give_back(scope: Scope, jobs: Sequence[Live], running: Mapping[str, Verdict]) -> int:
    """Settle and return what a worker held; returns how many jobs moved."""
    end_attempts(scope, [(job, outcome_of(job, running.get(job.token or ""))) for job in jobs])
    return len(jobs)


# leases ---------------------------------------------------------------------------------------------


def watch_clock(store: Store, scope: Scope) -> Mapping[str, int]:
    """Notice that nobody was here for a lease, or that the clock jumped: then everybody gets one lease to renew."""
    lease, now = store.options.lease, scope.now
    meta: dict[str, int] = dict(scope.db.all(META))
    seen = meta.get("seen_at")
    jumped = seen is not None and not -lease <= now - seen <= lease
    stale = seen is None or not 0 <= now - seen < SEEN_EVERY
    if not (jumped or stale) or not scope.db.alone("clock"):
        return meta
    if jumped:
        _set(scope.db, meta, "no_reaping_before", now + lease)
        scope.db.run(AT_MOST, (now + lease, now + lease))
    if stale:
        _set(scope.db, meta, "seen_at", now)
    return meta


def note_seen(store: Store, before: Micros | None) -> None:
    """`watch_clock` where only a moment has passed since `before`; nothing where somebody else has noted one."""
    store.access.write(lambda db: db.run(NOTE_SEEN, (store.now(), before)))


def _set(db: Db, meta: dict[str, int], name: str, value: int) -> None:
    if name in meta:
        db.run(SET_META, (value, name))
    else:
        db.run(NEW_META, (name, value))
    meta[name] = value


def reap(store: Store, scope: Scope, limit: int) -> int:
    """End sessions whose lease ran out, and return what they held; nobody knows what was running, so all of it is suspect."""
    meta = watch_clock(store, scope)
    if scope.now < meta.get("no_reaping_before", 0):
        return 0
    moved = 0
    for (session,) in scope.db.all(EXPIRED, (scope.now,)):
        if moved >= limit:
            break
        jobs = held_by(scope.db, session)
        unknown = Verdict(kind=VerdictKind.CRASH, only=False, reason=LOST_TOUCH)
        moved += give_back(scope, jobs, {job.token or "": unknown for job in jobs})
        scope.db.run(END, (scope.now, session))
        touch(scope.db, scope.now)
    return moved
