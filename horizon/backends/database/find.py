"""Searching: one indexed field drives, the others narrow."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import NamedTuple

from horizon.backends.database.db import Db, fetch
from horizon.backends.database.kernel.rows import HIDDEN
from horizon.backends.database.match import Candidate, narrower
from horizon.backends.database.plan import Ask, Condition, Option, Stream, ask, cheapest, check_query, first_pushed, is_by_finish
from horizon.backends.database.show import records
from horizon.backends.database.store import Store
from horizon.core.clock import Micros
from horizon.core.errors import InvalidCursor
from horizon.core.query import SCAN_LIMIT, JobQuery, Page

COUNTED = 500
"""How far a first page looks to say how many there are at least, where no counter knows."""
SIFTED = 500
"""Rows looked at together where each has to be looked at, once the first few were not enough."""
CANDIDATES = (
    "SELECT j.n, j.id, j.name, j.queue, j.tags, coalesce(l.error_type, d.error_type), coalesce(l.error_message, d.error_message), "
    "coalesce(l.runtime, d.runtime), {payload}, coalesce(l.reason, d.hide_reason, d.reason) FROM horizon_job j LEFT JOIN horizon_live l ON l.n = j.n "
    "LEFT JOIN horizon_done d ON d.n = j.n WHERE j.n IN ({{in}})"
)
STATE = "coalesce(l.state, d.state)"
PUSHED_AT = "SELECT pushed_at FROM horizon_job WHERE n = ?"


class Key(NamedTuple):
    """Where a row stands in a list, greater first: (when it ended, or 0 in push order; number)."""

    at: Micros
    n: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """Where a walk begins: forwards with what is older than the key, backwards with it and what is newer."""

    key: Key | None = None
    backwards: bool = False


# a page ---------------------------------------------------------------------------------------------


def find(store: Store, query: JobQuery) -> Page:
    """See `Backend.find`. A cursor stands for one row: forwards comes what is older than it, backwards it and what is newer."""
    by_finish = is_by_finish(query)
    start = Start(key=None if query.cursor is None else _parse(query.cursor, by_finish), backwards=query.backwards)
    return store.read(lambda db: _find(store, db, query, by_finish, start))


def _find(store: Store, db: Db, query: JobQuery, by_finish: bool, start: Start) -> Page:
    check_query(db, query)
    asked = ask(db, query, by_finish=by_finish)
    total = asked.known() if _counters_know(query) else None
    most = query.limit + 1 if total is not None or start.key is not None or query.narrowed else max(COUNTED, query.limit + 1)
    keys = walk(db, asked, start, most)
    cut_off: Key | None = None
    if query.narrowed:
        hits, cut_off = sift(db, query, keys, query.limit + 1)
    else:
        hits = list(islice(keys, most))
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
    check_query(db, query)
    asked = ask(db, query, by_finish=False)
    keys = walk(db, asked, Start(key=None if before is None else Key(0, before)), limit)
    if query.narrowed:
        hits, cut_off = sift(db, query, keys, limit)
    else:
        hits, cut_off = list(islice(keys, limit)), None
    ns = [key.n for key in hits]
    if len(ns) == limit:
        return Sweep(ns, ns[-1])
    return Sweep(ns, None if cut_off is None else cut_off.n)


# walking --------------------------------------------------------------------------------------------


def sift(db: Db, query: JobQuery, keys: Iterator[Key], wanted: int) -> tuple[list[Key], Key | None]:
    """Look at rows one by one: (those that fit, where the scan limit stopped the search before there were enough)."""
    hits: list[Key] = []
    looked, fits = 0, narrower(query)
    sql = CANDIDATES.format(payload="j.payload" if query.arg is not None else "NULL")
    size = min(2 * wanted, SIFTED)
    while piece := list(islice(keys, min(size, SCAN_LIMIT - looked))):
        looked, size = looked + len(piece), SIFTED
        rows = {row[0]: Candidate._make(row) for row in fetch(db, sql, [key.n for key in piece])}
        hits += [key for key in piece if fits(rows[key.n])]
        if len(hits) >= wanted:
            return hits[:wanted], None
        if looked >= SCAN_LIMIT:
            return hits, piece[-1] if next(keys, None) is not None else None
    return hits, None


def walk(db: Db, asked: Ask, start: Start, page: int) -> Iterator[Key]:
    """The rows that fit everything an index can answer, in the order of the list, read in pieces of `page`."""
    option = cheapest(db, asked, page)
    if option is None:
        return iter(())
    conditions = [*_conditions(asked), *_range(asked)]
    if option.sorts:
        return iter(_sorted(db, asked, option, conditions, start))
    whole = min(page, SIFTED if asked.query.narrowed else COUNTED + 1)
    size = max(2 * whole // len(option.streams), 20) if len(option.streams) > 1 else max(whole, 2)
    bounds = _bounds(db, asked)
    walks = [_walk(db, asked, stream, [*conditions, *_about(bounds, stream.n)], start, size) for stream in option.streams]
    return _once(merge(*walks, reverse=not start.backwards) if len(walks) > 1 else walks[0])


def _once(keys: Iterator[Key]) -> Iterator[Key]:
    """Without the repetitions of a job that several streams lead to."""
    last: Key | None = None
    for key in keys:
        if key != last:
            yield key
        last = key


def _walk(db: Db, asked: Ask, stream: Stream, conditions: Sequence[Condition], start: Start, size: int) -> Iterator[Key]:
    key, inclusive = start.key, start.backwards
    while True:
        sql, params = _select(asked, stream, [*conditions, *_from(asked, stream, key, start.backwards, inclusive)])
        rows = db.all(f"{sql} ORDER BY {_order(asked, stream, start.backwards)} LIMIT ?", (*params, size))
        for row in rows:
            key = Key(*row)
            yield key
        if len(rows) < size:
            return
        inclusive, size = False, max(size, min(4 * size, SIFTED))


def _sorted(db: Db, asked: Ask, option: Option, conditions: Sequence[Condition], start: Start) -> list[Key]:
    """Every match of streams that come in another order."""
    found: set[Key] = set()
    for stream in option.streams:
        found.update(Key(*row) for row in db.all(*_select(asked, stream, conditions)))
    first = start.key
    if first is not None:
        found = {key for key in found if (key >= first if start.backwards else key < first)}
    return sorted(found, reverse=not start.backwards)


def _select(asked: Ask, stream: Stream, conditions: Sequence[Condition]) -> tuple[str, tuple[object, ...]]:
    every = [*stream.conditions, *conditions]
    where = " AND ".join(text for text, _ in every) or "1 = 1"
    at = "d.finished_at" if asked.by_finish else "0"
    return f"SELECT {at}, {stream.n} FROM {stream.source} WHERE {where}", tuple(value for _, values in every for value in values)


def _order(asked: Ask, stream: Stream, backwards: bool) -> str:
    way = "ASC" if backwards else "DESC"
    return f"d.finished_at {way}, {stream.n} {way}" if asked.by_finish else f"{stream.n} {way}"


def _from(asked: Ask, stream: Stream, key: Key | None, backwards: bool, inclusive: bool) -> list[Condition]:
    """Where a piece of a walk begins."""
    if key is None:
        return []
    than = (">" if backwards else "<") + ("=" if inclusive else "")
    if asked.by_finish:
        return [(f"(d.finished_at, {stream.n}) {than} (?, ?)", (key.at, key.n))]
    return [(f"{stream.n} {than} ?", (key.n,))]


def _conditions(asked: Ask) -> list[Condition]:
    """Everything asked for that an index somewhere could answer."""
    query = asked.query
    found: list[Condition] = []
    if asked.codes:
        found.append(_among(STATE, asked.codes))
    elif not query.include_forgotten:
        found.append((f"{STATE} < ?", (HIDDEN,)))
    if query.queue is not None:
        found.append(("j.queue = ?", (query.queue,)))
    if asked.names is not None:
        found.append(_among("j.name", asked.names))
    if asked.tags is not None:
        text, values = _among("t2.tag", asked.tags)
        found.append((f"EXISTS (SELECT 1 FROM horizon_tag t2 WHERE t2.n = j.n AND {text})", values))
    if query.user is not None:
        found.append(("j.owner = ?", (query.user,)))
    if query.cause is not None:
        found.append(("coalesce(l.cause, d.cause) = ?", (query.cause,)))
    return found


def _among(column: str, values: Sequence[object]) -> Condition:
    return (f"{column} IN ({','.join('?' * len(values))})", tuple(values))


def _range(asked: Ask) -> list[Condition]:
    """Times are those of the end in a list in that order, else those of the push."""
    # of the search, not of the walk: an act walks in push order, and means the jobs that the list shows
    column = "d.finished_at" if is_by_finish(asked.query) else "j.pushed_at"
    bounds = ((">=", asked.query.after), ("<", asked.query.before))
    return [(f"{column} {than} ?", (at,)) for than, at in bounds if at is not None]


def _bounds(db: Db, asked: Ask) -> list[Condition]:
    """A range of push times as a range of numbers too, so that a walk in push order begins and ends where it matters."""
    query = asked.query
    if is_by_finish(query):
        return []
    found: list[Condition] = []
    if query.after is not None:
        found.append((">= ?", (first_pushed(db, query.after - db.disorder),)))
    if query.before is not None:
        found.append(("< ?", (first_pushed(db, query.before + db.disorder),)))
    return found


def _about(bounds: Sequence[Condition], n: str) -> list[Condition]:
    return [(f"{n} {text}", values) for text, values in bounds]


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
