"""The moves of jobs with limits into and out of parking, for `record.py`, which calls them where such a job changes its state.

A parked job is `scheduled`, and its `lot` is negative. Whoever enters `pending` passes through here: `parking.py` lets it go at the
end of the act where there is room.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from horizon.backends.database.db import Db, change, fetch
from horizon.backends.database.kernel.gauges import define, make_lots, read_limits, save
from horizon.backends.database.kernel.ledger import Ledger
from horizon.backends.database.kernel.lots import Standing
from horizon.backends.database.kernel.rows import PENDING, SCHEDULED, Live
from horizon.core.clock import Micros
from horizon.core.limit import Limit

_DUE = "due = CASE WHEN expires = 1 THEN deadline END"
"""A job that waits for its turn alone is due when it expires."""
PARK = f"UPDATE horizon_live SET state = {SCHEDULED}, lot = -lot, {_DUE} WHERE lot > 0 AND n IN ({{in}})"
LET_GO = f"UPDATE horizon_live SET state = {PENDING}, lot = -lot, {_DUE} WHERE lot < 0 AND n IN ({{in}})"
LEAVE = "UPDATE horizon_live SET lot = -lot WHERE lot < 0 AND n IN ({in})"
WHO = "SELECT n, queue, name FROM horizon_live WHERE n IN ({in})"
LIMITS = "SELECT n, limits FROM horizon_job WHERE n IN ({in})"
SET_LOT = "UPDATE horizon_live SET lot = ? WHERE n = ?"
Label = tuple[str, int, int]
"""(queue, rank, place)."""
Entry = tuple[int, str, str, int, Standing, int]
"""(number, queue, class, lot, where it stands, state it is counted in) of a job that could start now, had it no limits."""


def entered(db: Db, ledger: Ledger, jobs: Sequence[Entry]) -> None:
    """Park what has just entered `pending`, until it is clear who may go."""
    if jobs:
        change(db, PARK, [n for n, *_ in jobs])
        noted(ledger, jobs)


def noted(ledger: Ledger, jobs: Sequence[Entry]) -> None:
    """The same for jobs that were stored so."""
    for n, queue, name, lot, where, state in jobs:
        ledger.lots.who[n] = (queue, name)
        if state == PENDING:
            ledger.move(queue, name, PENDING, SCHEDULED)
        ledger.lots.entered(lot, where)


def refused(db: Db, ledger: Ledger, jobs: Sequence[Entry]) -> None:
    """Park what stood in its queue, and has no room after all."""
    entered(db, ledger, jobs)
    for _, _, _, lot, _, _ in jobs:
        ledger.lots.of(lot).stands -= 1
        ledger.lots.of(lot).yielded = True


def left(db: Db, ledger: Ledger, jobs: Sequence[Live]) -> None:
    """Note that these are about to leave the state they are in; none of them is parked any more."""
    for job in jobs:
        ledger.lots.left(job)
    change(db, LEAVE, [job.n for job in jobs if job.lot is not None and job.lot < 0])


def shifted(db: Db, ledger: Ledger, jobs: Iterable[tuple[Live, int]]) -> None:
    """Park those of these jobs that have limits: they are pending now, each at its place."""
    limited = [(job, place) for job, place in jobs if job.lot is not None]
    entered(db, ledger, [(job.n, job.queue, job.name, abs(job.lot or 0), (job.rank, place, job.n), PENDING) for job, place in limited])


def relabelled(db: Db, ledger: Ledger, jobs: Sequence[tuple[Live, Label]], now: Micros) -> None:
    """Jobs with limits have another queue, rank or place now; those that wait for their turn are no longer parked, see `left`."""
    if not jobs:
        return
    for job, _ in jobs:
        ledger.lots.who.pop(job.n, None)
    limits = {n: read_limits(text) for n, text in fetch(db, LIMITS, [job.n for job, (queue, _, _) in jobs if job.queue != queue])}
    lots = lots_for(db, ledger, [(label[0], limits.get(job.n, ())) for job, label in jobs], now)
    db.many(SET_LOT, [(lot, job.n) for (job, _), lot in zip(jobs, lots, strict=True) if lot is not None])
    entered(
        db,
        ledger,
        [
            (job.n, queue, job.name, lot or abs(job.lot or 0), (rank, place, job.n), job.state)
            for (job, (queue, rank, place)), lot in zip(jobs, lots, strict=True)
            if job.waits_for_turn
        ],
    )


def lots_for(
    db: Db, ledger: Ledger, jobs: Sequence[tuple[str, Sequence[Limit] | str | None]], now: Micros, *, anew: bool = False
) -> list[int | None]:
    """The lots of jobs by their queues and limits, made where they are new; None for those that have none.

    `anew`: what these limits say holds from now on.
    """
    asked = [(queue, read_limits(limits) if limits is None or isinstance(limits, str) else limits) for queue, limits in jobs]
    said = {one.key: one for _, limits in asked for one in limits}
    if not said:
        return [None] * len(asked)
    held, changed = define(db, said.values(), now, anew=anew)
    ledger.lots.changed |= changed
    wanted = [(queue, tuple(sorted({one.key for one in limits}))) for queue, limits in asked]
    lots = make_lots(db, held, [one for one in wanted if one[1]], now)
    save(db, held, [], now)
    ledger.lots.held.update(held)
    return [lots.get(one) for one in wanted]


def as_pending(db: Db, ledger: Ledger, jobs: Sequence[Live]) -> list[Live]:
    """These jobs, none of them parked: one that is about to end as only a pending job can goes to its queue for that moment."""
    waiting = [job for job in jobs if job.lot is not None and job.lot < 0]
    left(db, ledger, waiting)
    for job in waiting:
        ledger.move(job.queue, job.name, SCHEDULED, PENDING)
        ledger.lots.of(job.lot or 0).stands += 1
    gone = {job.n: job._replace(state=PENDING, lot=-(job.lot or 0)) for job in waiting}
    return [gone.get(job.n, job) for job in jobs]


def let_go(db: Db, ledger: Ledger, ns: Sequence[int]) -> None:
    """Parked jobs go to their queue."""
    _count(db, ledger, LET_GO, ns, SCHEDULED, PENDING)


def take_back(db: Db, ledger: Ledger, ns: Sequence[int]) -> None:
    """Jobs make room in their queue for others of their lot."""
    _count(db, ledger, PARK, ns, PENDING, SCHEDULED)


def _count(db: Db, ledger: Ledger, sql: str, ns: Sequence[int], old: int, new: int) -> None:
    if ns:
        change(db, sql, ns)
        who = ledger.lots.who
        who.update((n, (queue, name)) for n, queue, name in fetch(db, WHO, [n for n in ns if n not in who]))
        for n in ns:
            ledger.move(*who[n], old, new)
