"""Limits and lots as rows: read and locked, made where they are new, and written back.

Who changes anything about a lot holds the rows of all its limits. They are locked in the order of their names, after the rows of the
jobs that led to them; what is locked after them is never waited for.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from horizon.backends.database.db import Db, Row, change, fetch, insert
from horizon.backends.database.kernel.rows import Live
from horizon.backends.metering import Gauge, decode, encode, redefined, used
from horizon.core.clock import Micros
from horizon.core.limit import Limit

GAUGE_COLUMNS = "name, most, per, strategy, running, marks, lots, crowd"
LOT_COLUMNS = "n, queue, names, stands, parked, rank, place, waits_for, watch"
READ_GAUGES = f"SELECT {GAUGE_COLUMNS} FROM horizon_limit WHERE name IN ({{in}})"
HOLD_GAUGES = f"{READ_GAUGES} /*hold name*/"
FREE_GAUGES = f"{READ_GAUGES} /*skip*/"
READ_LOTS = f"SELECT {LOT_COLUMNS} FROM horizon_lot WHERE n IN ({{in}})"
NAMES = "SELECT n, names FROM horizon_lot WHERE n IN ({in})"
WORDS = "SELECT t.n, m.name, m.most, m.per, m.strategy FROM horizon_lot t JOIN horizon_limit m ON m.name = t.waits_for WHERE t.n IN ({in})"
WATCHES = "SELECT n, waits_for, queue, watch FROM horizon_lot INDEXED BY horizon_lot_watch WHERE watch > 0 AND waits_for IN ({in})"
KNOWN_LOTS = "SELECT id, n FROM horizon_lot WHERE id IN ({in})"
NEW_GAUGE = insert("horizon_limit", "name most per strategy running marks lots crowd idle_at")
NEW_LOT = insert("horizon_lot", "id queue names stands parked rank place idle_at")
SAVE_GAUGE = (
    "UPDATE horizon_limit SET most = ?, per = ?, strategy = ?, running = ?, marks = ?, lots = ?, crowd = ?, idle_at = ? WHERE name = ?"
)
SAVE_LOT = "UPDATE horizon_lot SET stands = ?, parked = ?, rank = ?, place = ?, waits_for = ?, watch = ?, idle_at = ? WHERE n = ?"


@dataclass(slots=True)
class Held:
    """A limit whose row this act holds."""

    gauge: Gauge
    lots: int
    """How many lots name it."""
    crowd: int
    """How many jobs are parked for it, and for it first."""
    changed: bool = False


@dataclass(slots=True)
class Lot:
    """A lot of which this act holds every limit."""

    n: int
    queue: str
    names: tuple[str, ...]
    stands: int
    parked: int
    rank: int
    place: int
    """Those of its best parked job."""
    waits_for: str | None
    watch: int | None


class Watch(NamedTuple):
    """One lot keeps watch for all that wait in its queue for the same limit."""

    lot: int
    queue: str
    job: int
    """The one of it whose time is that of the limit."""


def hold(db: Db, names: Iterable[str], *, wait: bool = True) -> dict[str, Held]:
    """Those of these limits that there are, which nobody else changes from now on. Without waiting: those that are free."""
    return {row[0]: _held(row) for row in fetch(db, HOLD_GAUGES if wait else FREE_GAUGES, sorted(set(names)))}


def read(db: Db, names: Iterable[str]) -> dict[str, Held]:
    """`hold` for looking only."""
    return {row[0]: _held(row) for row in fetch(db, READ_GAUGES, sorted(set(names)))}


def _held(row: Row) -> Held:
    name, most, per, strategy, running, marks, lots, crowd = row
    limit = Limit(key=name, most=most, per=per, strategy=strategy)
    return Held(Gauge(limit=limit, marks=decode(marks), running=running), lots, -crowd)


def barring(db: Db, jobs: Iterable[Live]) -> dict[int, Limit]:
    """By number, what those of these jobs wait for that are parked."""
    lots = {job.n: -job.lot for job in jobs if job.lot is not None and job.lot < 0}
    limits = {
        n: Limit(key=key, most=most, per=per, strategy=strategy)
        for n, key, most, per, strategy in fetch(db, WORDS, sorted(set(lots.values())))
    }
    return {n: limits[lot] for n, lot in lots.items() if lot in limits}


def names_of(db: Db, lots: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Which limits these lots have; that never changes."""
    return {n: tuple(json.loads(names)) for n, names in fetch(db, NAMES, lots)}


def lots_of(db: Db, ns: Sequence[int]) -> dict[int, Lot]:
    """These lots as they are."""
    return {row[0]: lot_of(row) for row in fetch(db, READ_LOTS, ns)}


def watches_of(db: Db, names: Sequence[str]) -> dict[str, list[Watch]]:
    """Who keeps watch for these limits, in the order of their jobs."""
    found: dict[str, list[Watch]] = {}
    for n, name, queue, watch in fetch(db, WATCHES, names):
        found.setdefault(name, []).append(Watch(n, queue, watch))
    return {name: sorted(watches, key=lambda one: one.job) for name, watches in found.items()}


def lot_of(row: Row) -> Lot:
    """One lot from its columns."""
    n, queue, names, *rest = row
    return Lot(n, queue, tuple(json.loads(names)), *rest)


def save(db: Db, held: Mapping[str, Held], lots: Iterable[Lot], now: Micros) -> None:
    """Write back what was changed."""
    db.later(SAVE_GAUGE, [(*_gauge_row(one, now), name) for name, one in sorted(held.items()) if one.changed])
    for one in held.values():
        one.changed = False
    rows = sorted(lots, key=lambda lot: lot.n)
    db.later(SAVE_LOT, [(*_lot_row(lot, now), lot.n) for lot in rows])


def _gauge_row(one: Held, now: Micros) -> tuple[object, ...]:
    gauge, limit = one.gauge, one.gauge.limit
    return (limit.most, limit.per, limit.strategy, gauge.running, encode(gauge.marks), one.lots, -one.crowd, _idle_at(one, now))


def _idle_at(one: Held, now: Micros) -> Micros | None:
    """From when on nothing would be lost with it, if nobody comes for it; None while somebody needs it."""
    if one.lots or one.gauge.running:
        return None
    return now + 2 * one.gauge.limit.per if used(one.gauge, now) else now


def _lot_row(lot: Lot, now: Micros) -> tuple[object, ...]:
    idle = not (lot.stands or lot.parked)
    return (lot.stands, lot.parked, lot.rank, lot.place, lot.waits_for, lot.watch, now if idle else None)


# new ones -------------------------------------------------------------------------------------------


def define(db: Db, limits: Iterable[Limit], now: Micros, *, anew: bool = True) -> tuple[dict[str, Held], set[str]]:
    """Hold these limits, made where they are new; (all of them, those of which something else was said before).

    What is said here holds from now on, unless it is said again only because a job comes back (`anew`).
    """
    said = {limit.key: limit for limit in limits}
    held = hold(db, said)
    fresh = [said[name] for name in sorted(said) if name not in held]
    db.many(NEW_GAUGE, [(one.key, one.most, one.per, one.strategy, 0, "", 0, 0, now) for one in fresh])
    held.update((one.key, Held(Gauge(limit=one), 0, 0)) for one in fresh)
    other = {name for name, one in held.items() if anew and one.gauge.limit != said[name]}
    for name in other:
        held[name].gauge, held[name].changed = redefined(held[name].gauge, said[name], now), True
    return held, other


Wanted = tuple[str, tuple[str, ...]]
"""(queue, names of limits in order) of a lot."""


def make_lots(db: Db, held: Mapping[str, Held], wanted: Iterable[Wanted], now: Micros) -> dict[Wanted, int]:
    """The numbers of these lots, made where they are new; every limit of theirs is held."""
    ids = {_id_of(one): one for one in sorted(set(wanted))}
    known = {ids[id]: n for id, n in fetch(db, KNOWN_LOTS, list(ids))}
    fresh = {id: one for id, one in ids.items() if one not in known}
    db.many(NEW_LOT, [(id, queue, json.dumps(names), 0, 0, 0, 0, now) for id, (queue, names) in fresh.items()])
    known.update((ids[id], n) for id, n in fetch(db, KNOWN_LOTS, list(fresh)))
    for _, names in fresh.values():
        for name in names:
            held[name].lots += 1
            held[name].changed = True
    return known


def _id_of(wanted: Wanted) -> str:
    queue, names = wanted
    return sha256(json.dumps([queue, *names]).encode()).hexdigest()


def write_limits(limits: Sequence[Limit]) -> str | None:
    """The limits of a job as text; None for none."""
    return json.dumps([[one.key, one.most, one.per, one.strategy] for one in limits], ensure_ascii=False) if limits else None


def read_limits(text: str | None) -> tuple[Limit, ...]:
    """What `write_limits` wrote."""
    if text is None:
        return ()
    return tuple(Limit(key=key, most=most, per=per, strategy=strategy) for key, most, per, strategy in json.loads(text))


# what is not used any more --------------------------------------------------------------------------

IDLE_LOTS = f"SELECT {LOT_COLUMNS} FROM horizon_lot INDEXED BY horizon_lot_idle WHERE idle_at <= ? ORDER BY idle_at LIMIT ?"
IN_USE = "SELECT t.n FROM horizon_lot t WHERE t.n IN ({in}) AND EXISTS (SELECT 1 FROM horizon_live l WHERE l.lot = t.n)"
LOOK_LATER = "UPDATE horizon_lot SET idle_at = ? WHERE n IN ({in})"
DROP_LOTS = "DELETE FROM horizon_lot WHERE n IN ({in})"
IDLE_LIMITS = "SELECT name FROM horizon_limit INDEXED BY horizon_limit_idle WHERE idle_at <= ? ORDER BY idle_at LIMIT ? /*skip*/"
DROP_LIMITS = "DELETE FROM horizon_limit WHERE name IN ({in})"
BUSY_LOTS_AGAIN: Micros = 60_000_000
"""After so long a lot is looked at again whose jobs all run, or wait for something else."""


def trim(db: Db, now: Micros, limit: int) -> None:
    """Remove lots that have no job, and limits that no lot has and of which nothing counts any more."""
    idle = [lot_of(row) for row in db.all(IDLE_LOTS, (now, limit))]
    if idle:
        _drop_lots(db, idle, now)
    gone = [name for (name,) in db.all(IDLE_LIMITS, (now, limit))]
    change(db, DROP_LIMITS, gone)


def _drop_lots(db: Db, idle: Sequence[Lot], now: Micros) -> None:
    """Whoever puts a job into a lot holds its limits: those that are held by others are left alone."""
    held = hold(db, {name for lot in idle for name in lot.names}, wait=False)
    free = lots_of(db, [lot.n for lot in idle if all(name in held for name in lot.names)])
    used_by = {n for (n,) in fetch(db, IN_USE, list(free))}
    change(db, LOOK_LATER, [n for n in free if n in used_by], before=(now + BUSY_LOTS_AGAIN,))
    over = [lot for lot in free.values() if not (lot.stands or lot.parked) and lot.n not in used_by]
    change(db, DROP_LOTS, [lot.n for lot in over])
    for lot in over:
        for name in lot.names:
            held[name].lots -= 1
            held[name].changed = True
    save(db, held, [], now)
