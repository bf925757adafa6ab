"""find: one page of a search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from horizon.backends.redis import header
from horizon.backends.redis.glimpse import Glimpse
from horizon.backends.redis.match import drives, narrows
from horizon.backends.redis.numbers import total_of
from horizon.backends.redis.packed import fields_of
from horizon.backends.redis.plan import Plan, check_query, is_by_finish, named, plan, read_cursor, write_cursor
from horizon.backends.redis.sieve import sieve
from horizon.backends.redis.store import Store
from horizon.core.clock import Micros
from horizon.core.query import SCAN_LIMIT, JobQuery, Page

PIECES = 250
"""Pieces of an index that one call looks at."""
STEP = 512
"""Rows that one call looks at where they are looked at one by one: others want to be served in between."""

MORE = 4
"""Times as many rows as are still missing a call asks for, each time that what came did not fit."""


def find(store: Store, query: JobQuery) -> Page:
    """See `Backend.find`.

    A cursor stands for one row: forwards comes what is older than it, backwards it and what is newer.
    """
    by_finish = is_by_finish(query)
    start = None if query.cursor is None else read_cursor(query.cursor, by_finish)
    check_query(store, query)
    if start is not None and not query.backwards:
        start -= 1
    counted = _counted(store, query)
    if counted == 0:
        return Page(items=[], total=0 if _counters_know(query) else None)
    if query.ids:
        hits = [hit for hit in _by_id(store, query, by_finish, start) if narrows(hit, hit.payload, query)][: query.limit + 1]
        return _page(query, by_finish, hits, None, None)
    return _page(query, by_finish, *look(store, query, plan(store, query, by_finish=by_finish), start), counted)


class Stop(NamedTuple):
    """Where the scan limit ended a search before its page was full."""

    number: int
    at: Micros


def look(store: Store, query: JobQuery, way: Plan, start: int | None) -> tuple[list[Glimpse], Stop | None]:
    """One row more than a page has, in the order of the list, and where the search stopped if that was before."""
    if way.nothing or (start is not None and start < 0):
        return [], None
    hits: list[Glimpse] = []
    looked, at, where, more = 0, 0, start if start is not None else False, 1
    ask = {**way.ask(query, payload=query.arg is not None), "sieve": sieve(store, query) if query.narrowed else False}
    while True:
        limit = min(STEP, more * (query.limit + 1 - len(hits)))
        wants = {"from": where, "limit": limit, "looks": min(STEP, SCAN_LIMIT - looked), "pieces": PIECES}
        rows, goes_on, _, *seen = store.run("find", {**ask, **wants}, safe=True)
        found = [Glimpse(store, raw, number, by_finish=way.by_finish) for number, raw in rows]
        hits += [hit for hit in found if narrows(hit, hit.payload, query)] if query.narrowed else found
        if len(seen) == 2:
            looked, at = looked + seen[0], int(seen[1])
        if goes_on is None or len(hits) > query.limit:
            return hits[: query.limit + 1], None
        if query.narrowed and looked >= SCAN_LIMIT:
            return hits, Stop(goes_on if query.backwards else goes_on + 1, at)
        where = goes_on
        if len(rows) == limit:  # rows that the script let pass did not fit
            more *= MORE


def _by_id(store: Store, query: JobQuery, by_finish: bool, start: int | None) -> Iterator[Glimpse]:
    """The jobs of these ids that fit, in the order of the list."""
    hits: list[Glimpse] = []
    for at in range(0, len(query.ids), 1000):
        packed = [header.pack_id(id) for id in dict.fromkeys(query.ids[at : at + 1000])]
        for raw in store.run("many", {"payload": query.arg is not None}, *packed, safe=True):
            fields = fields_of(raw[1])
            if query.include_forgotten or ("hd" not in fields and "nd" not in fields):
                hits.append(Glimpse(store, raw, int(fields.get("f", 0)) if by_finish else int(raw[0]), by_finish=by_finish))
    fit = [hit for hit in {hit.number: hit for hit in hits}.values() if drives(hit.record, query, hit.at)]
    if start is not None:
        fit = [hit for hit in fit if (hit.number >= start if query.backwards else hit.number <= start)]
    return iter(sorted(fit, key=lambda hit: hit.number, reverse=not query.backwards))


def _page(query: JobQuery, by_finish: bool, hits: list[Glimpse], stop: Stop | None, counted: int | None) -> Page:
    shown, rest = hits[: query.limit], hits[query.limit :]
    follows = None
    if rest:
        follows = write_cursor(rest[0].number if query.backwards else shown[-1].number, by_finish)
    elif stop is not None:
        follows = write_cursor(stop.number, by_finish)
    items = [hit.record for hit in shown]
    if query.backwards:
        items.reverse()
    total = max(counted, len(hits)) if counted is not None and _counters_know(query) else None
    return Page(
        items=items,
        next=follows,
        total=total,
        total_at_least=len(hits) if total is None else total,
        searched_back_to=None if stop is None else stop.at,
        cuts=() if query.backwards else _cuts([hit.number for hit in shown], by_finish),
    )


def _cuts(numbers: Sequence[int], by_finish: bool) -> list[str]:
    """See `Page.cuts`."""
    return [write_cursor(number, by_finish) for number in (numbers[0] + 1, *numbers)] if numbers else []


def _counted(store: Store, query: JobQuery) -> int | None:
    """How many the counters know of, asked for once: none of them need no list walked to its end to be found missing. None where they
    tell nothing of use about this search."""
    if not _counters_know(query) and (query.include_forgotten or not (query.states or (query.queue and query.name))):
        return None
    names = None if query.name is None else named(store, query.name)
    return total_of(store, queue=query.queue, names=names, states=query.states)


def _counters_know(query: JobQuery) -> bool:
    """Whether the search asks for nothing but states, a queue and a class."""
    return query == JobQuery(
        states=query.states, queue=query.queue, name=query.name, cursor=query.cursor, limit=query.limit, backwards=query.backwards
    )
