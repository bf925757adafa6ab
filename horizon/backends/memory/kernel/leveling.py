"""Who of a lot stands in: the first of it, as many as there is room for. Runs where an act ends, and before jobs are handed out."""

from __future__ import annotations

from horizon.backends.memory.kernel import lots, record
from horizon.backends.memory.kernel.store import Lot, LotKey, Store
from horizon.backends.values import ACT_LIMIT
from horizon.core.clock import Micros


def level_all(store: Store, now: Micros, most: int = ACT_LIMIT) -> None:
    """Look at every lot of which something changed. At most so many jobs move; the rest is for the next act."""
    while store.loose and most > 0:
        key = next(iter(store.loose))
        if lots.drop_if_empty(store, key):
            continue
        most -= _level(store, key, now, most)
        if most > 0:
            store.loose.pop(key, None)


def _level(store: Store, key: LotKey, now: Micros, most: int) -> int:
    """How many jobs moved."""
    lot, moved = store.lots[key], 0
    free = lots.room(store, key[1], now) - len(lot.standing)
    while lot.parked and free > moved and moved < most:
        record.let_stand(store, store.by_n[lot.parked[0][-1]])
        moved += 1
    while _is_overtaken(lot) and moved < most:
        record.park(store, store.by_n[lot.standing[-1][-1]])
        record.let_stand(store, store.by_n[lot.parked[0][-1]])
        moved += 1
    return moved


def _is_overtaken(lot: Lot) -> bool:
    return bool(lot.parked and lot.standing) and lot.parked[0] < lot.standing[-1]
