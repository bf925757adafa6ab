"""Unique keys: who holds one, and how it is freed. That a key comes and goes with its job is in `record.py`."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.backends.database.db import Db, change, fetch
from horizon.core.clock import Micros

KEYS = (
    "SELECT j.n, j.id, j.unique_key FROM horizon_job j JOIN horizon_done d ON d.n = j.n "
    "WHERE j.unique_key IS NOT NULL AND d.key_spent = 0 AND j.n IN ({in})"
)
HOLDERS = "SELECT l.unique_key, j.id, l.unique_until, l.n FROM horizon_live l JOIN horizon_job j ON j.n = l.n WHERE l.unique_key IN ({in})"
SPEND_KEY = "UPDATE horizon_live SET unique_key = NULL, unique_until = NULL, key_spent = 1 WHERE n IN ({in})"
LOSE_KEY = "UPDATE horizon_live SET unique_key = NULL, unique_until = NULL WHERE n IN ({in})"


def holders_of(db: Db, keys: Sequence[str], now: Micros) -> dict[str, str]:
    """Who holds these unique keys, by key; a holder past its time loses its key here and now."""
    rows = fetch(db, HOLDERS, keys)
    lost_key(db, [n for _, _, until, n in rows if until is not None and until <= now])
    return {key: id for key, id, until, _ in rows if until is None or until > now}


def keys_held(db: Db, ns: Sequence[int], now: Micros) -> dict[int, str]:
    """Which of these ended jobs could not take their unique key again, and the id of the job that holds it."""
    wanted = [(n, id, key) for n, id, key in fetch(db, KEYS, ns)]
    holders = holders_of(db, sorted({key for _, _, key in wanted}), now)
    held: dict[int, str] = {}
    for n, id, key in wanted:
        if key in holders:
            held[n] = holders[key]
        holders.setdefault(key, id)
    return held


def lost_key(db: Db, ns: Sequence[int]) -> None:
    """Free the unique keys of jobs that held them past their time."""
    change(db, LOSE_KEY, ns)


def spent_key(db: Db, ns: Sequence[int]) -> None:
    """Free the unique keys of jobs whose key lasted until they started; they never take it again."""
    change(db, SPEND_KEY, ns)
