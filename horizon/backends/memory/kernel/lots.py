"""Limits and the lots of jobs that share them: what is taken and given back, who stands in, who is parked.

A lot is all waiting jobs of one queue with the same limits. As many of it as have room stand in `pending`, each in its ordinary
place; the rest is parked. `record` keeps these indexes as jobs move; `leveling` decides who of a lot stands in.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from horizon.backends import metering
from horizon.backends.memory.kernel.store import Job, Lot, LotKey, ReadyKey, Store
from horizon.backends.metering import Gauge
from horizon.core.clock import Micros
from horizon.core.limit import Limit

# who waits ------------------------------------------------------------------------------------------


def enter(store: Store, job: Job, ready: ReadyKey) -> None:
    """A limited job waits: parked or standing in."""
    for limit in job.envelope.limits:
        store.gauges.setdefault(limit.key, Gauge(limit=limit))
    key = lot_of(job)
    lot = store.lots.setdefault(key, Lot())
    for one in key[1]:
        store.lots_of.setdefault(one, {})[key] = None
    insort(lot.parked if job.parked else lot.standing, ready)
    store.loose[key] = None


def leave(store: Store, job: Job, ready: ReadyKey) -> None:
    """It does so no more, or not as it did."""
    key = lot_of(job)
    lot = store.lots[key]
    waiting = lot.parked if job.parked else lot.standing
    del waiting[bisect_left(waiting, ready)]
    store.loose[key] = None


def drop_if_empty(store: Store, key: LotKey) -> bool:
    """Forget a lot that has no jobs any more."""
    lot = store.lots[key]
    if lot.parked or lot.standing:
        return False
    del store.lots[key], store.loose[key]
    for one in key[1]:
        del store.lots_of[one][key]
    return True


def lot_of(job: Job) -> LotKey:
    """Its queue and its limits."""
    return (job.queue, tuple(sorted(limit.key for limit in job.envelope.limits)))


# what there is room for -----------------------------------------------------------------------------


def room(store: Store, keys: Sequence[str], now: Micros) -> int:
    """How many jobs with all of these limits may start."""
    return min(metering.room(gauge, now) for gauge in _gauges(store, keys))


def has_room(store: Store, job: Job, now: Micros) -> bool:
    """Whether this one may start."""
    return room(store, lot_of(job)[1], now) > 0


def barred_by(store: Store, key: LotKey, now: Micros) -> Gauge:
    """What the parked jobs of a lot wait for; where those that stand in take all the room there is, what has least of it."""
    gauges = list(_gauges(store, key[1]))
    return metering.barred_by(gauges, now) or min(gauges, key=lambda gauge: metering.room(gauge, now))


def opens_at(store: Store, key: LotKey, now: Micros) -> Micros | None:
    """When parked jobs of a lot may stand in; None where something else has to happen first."""
    if room(store, key[1], now) > len(store.lots[key].standing):
        return now
    at = metering.next_at(barred_by(store, key, now), now)
    return None if at == now else at


def openings(store: Store, now: Micros) -> Iterator[tuple[LotKey, Micros]]:
    """Lots that wait for a time, and which."""
    for key, lot in store.lots.items():
        if lot.parked and (at := opens_at(store, key, now)) is not None:
            yield key, at


def loosen_open(store: Store, now: Micros) -> None:
    """Lots for which there is room now are to be looked at."""
    store.loose.update((key, None) for key, at in openings(store, now) if at <= now)


# what is taken --------------------------------------------------------------------------------------


def say(store: Store, limits: Iterable[Limit], now: Micros) -> None:
    """The newest words about these limits."""
    for limit in limits:
        gauge = store.gauges.get(limit.key, Gauge(limit=limit))
        _keep(store, metering.redefined(gauge, limit, now))


def take(store: Store, job: Job, now: Micros) -> None:
    """It starts: a hit and a slot in each of its limits."""
    for gauge in _of(store, job):
        store.gauges[gauge.limit.key] = metering.take(gauge, now)


def end(store: Store, job: Job) -> None:
    """It runs no longer: its slots are free."""
    for gauge in _of(store, job):
        _keep(store, metering.end(gauge))


def give_back(store: Store, job: Job, now: Micros) -> None:
    """It was taken and never began: its hits count no longer."""
    for gauge in _of(store, job):
        _keep(store, metering.give_back(gauge, job.reserved_at or now, now))


def mend(store: Store, key: str, running: int) -> None:
    """So many run in truth."""
    _keep(store, replace(store.gauges[key], running=running))


def trim(store: Store, now: Micros) -> None:
    """Forget limits that nobody waits for and that would be the same if they were new."""
    for key, gauge in list(store.gauges.items()):
        if not store.lots_of.get(key) and metering.as_new(gauge, now):
            del store.gauges[key]
            store.lots_of.pop(key, None)


def _keep(store: Store, gauge: Gauge) -> None:
    store.gauges[gauge.limit.key] = gauge
    store.loose.update(store.lots_of.get(gauge.limit.key, {}))


def _of(store: Store, job: Job) -> list[Gauge]:
    return list(_gauges(store, lot_of(job)[1]))


def _gauges(store: Store, keys: Iterable[str]) -> Iterator[Gauge]:
    return (store.gauges[key] for key in keys)
