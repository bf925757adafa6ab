"""Searching: one indexed field drives, the others narrow."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import NamedTuple

from horizon.backends.database.db import Db
from horizon.backends.database.match import Candidate, narrower, needed
from horizon.backends.database.plan import Ask, ask, cheapest, is_by_finish
from horizon.backends.database.show import records
from horizon.backends.database.store import Store
from horizon.backends.database.walk import Key, Seen, Start, walk
from horizon.core.clock import Micros
from horizon.core.errors import InvalidCursor
from horizon.core.query import SCAN_LIMIT, JobQuery, Page

COUNTED = 500
"""How far a first page looks to say how many there are at least, where no counter knows."""
PUSHED_AT = "SELECT pushed_at FROM horizon_job WHERE n = ?"


# a page ---------------------------------------------------------------------------------------------


def find(store: Store, query: JobQuery) -> Page:
    """See `Backend.find`. A cursor stands for one row: forwards comes what is older than it, backwards it and what is newer."""
    by_finish = is_by_finish(query)
    start = Start(key=None if query.cursor is None else _parse(query.cursor, by_finish), backwards=query.backwards)
    return store.read(lambda db: _find(store, db, query, by_finish, start))


def _find(store: Store, db: Db, query: JobQuery, by_finish: bool, start: Start) -> Page:
    asked = ask(db, query, by_finish=by_finish)
    total = asked.known() if _counters_know(query) else None
    most = query.limit + 1 if total is not None or start.key is not None or query.narrowed else max(COUNTED, query.limit + 1)
    hits, cut_off = look(db, asked, start, query.limit + 1, most)
    shown = hits[: query.limit]
    follows = None
    if len(hits) > query.limit:
        follows = hits[query.limit] if query.backwards else shown[-1]
    elif cut_off is not None:
        follows = cut_off
    items = records(store, db, [key.n for key in shown])
    return Page(
        items=items[::-1] if query.backwards else items,
        next=None if follows is None else _write(follows, by_finish),
        total=total,
        total_at_least=len(hits) if total is None else total,
        searched_back_to=None if cut_off is None else _when(db, cut_off),
        cuts=() if query.backwards else _cuts(shown, by_finish),
    )


def _cuts(keys: Sequence[Key], by_finish: bool) -> list[str]:
    """See `Page.cuts`."""
    return [_write(key, by_finish) for key in (Key(keys[0].at, keys[0].n + 1), *keys)] if keys else []


def _counters_know(query: JobQuery) -> bool:
    """Whether the search asks for nothing but states, a queue and a class."""
    return query == JobQuery(
        states=query.states, queue=query.queue, name=query.name, cursor=query.cursor, limit=query.limit, backwards=query.backwards
    )


def _when(db: Db, key: Key) -> Micros:
    return key.at or int(db.all(PUSHED_AT, (key.n,))[0][0])


# every match, for acts ------------------------------------------------------------------------------


class Sweep(NamedTuple):
    """Some matches, newest push first, and the number down to which was looked; None: to the end."""

    ns: list[int]
    reached: int | None


def sweep(db: Db, query: JobQuery, limit: int, *, before: int | None = None) -> Sweep:
    """At most `limit` matches among the jobs pushed before number `before`, looking at `SCAN_LIMIT` rows at the most."""
    asked = ask(db, query, by_finish=False)
    hits, cut_off = look(db, asked, Start(key=None if before is None else Key(0, before)), limit, limit)
    ns = [key.n for key in hits]
    if len(ns) == limit:
        return Sweep(ns, ns[-1])
    return Sweep(ns, None if cut_off is None else cut_off.n)


# looking --------------------------------------------------------------------------------------------


def look(db: Db, asked: Ask, start: Start, wanted: int, most: int) -> tuple[list[Key], Key | None]:
    """(at most `most` rows that fit, where the scan limit stopped the search before there were `wanted`).

    Once there are, what is counted beyond them is looked for among few rows more.
    """
    option = cheapest(db, asked, wanted)
    if option is None:
        return [], None
    fits = _checks(asked.query)
    rows = walk(db, asked, option, start, max(wanted, 50), needed(asked.query))
    hits: list[Key] = []
    for looked, row in enumerate(rows, 1):
        if row.fits and fits(row):
            hits.append(row.key)
            if len(hits) == most:
                break
        if looked >= SCAN_LIMIT or (looked >= 2 * COUNTED and len(hits) >= wanted):
            return hits, row.key if len(hits) < wanted and next(rows, None) is not None else None
    return hits, None


def _checks(query: JobQuery) -> Callable[[Seen], bool]:
    if not query.narrowed:
        return lambda row: True
    check = narrower(query)
    return lambda row: check(Candidate._make(row.told))


# cursors --------------------------------------------------------------------------------------------


def _write(key: Key, by_finish: bool) -> str:
    return base64.urlsafe_b64encode(f"{'f' if by_finish else 'p'}.{key.at}.{key.n}".encode()).decode().rstrip("=")


def _parse(cursor: str, by_finish: bool) -> Key:
    try:
        order, at, n = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode().split(".")
        key = Key(int(at), int(n))
    except (ValueError, binascii.Error):
        raise InvalidCursor(f"{cursor!r} is not a cursor of this list; start from its first page") from None
    if order != ("f" if by_finish else "p") or max(abs(key.at), abs(key.n)) >= 2**62:
        raise InvalidCursor("this cursor belongs to a list in another order; start from the first page")
    return key
