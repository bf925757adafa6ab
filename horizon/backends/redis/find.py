"""find: one page of a search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from horizon.backends.redis import header
from horizon.backends.redis.glimpse import Glimpse
from horizon.backends.redis.match import drives, narrows
from horizon.backends.redis.numbers import total_of
from horizon.backends.redis.packed import fields_of
from horizon.backends.redis.plan import Plan, check_query, is_by_finish, named, plan, read_cursor, write_cursor
from horizon.backends.redis.store import Store
from horizon.core.query import SCAN_LIMIT, JobQuery, Page

PIECES = 250
"""Pieces of an index that one call looks at."""
STEP = 512
"""Rows fetched together where they are looked at one by one."""


def find(store: Store, query: JobQuery) -> Page:
    """See `Backend.find`.

    A cursor stands for one row: forwards comes what is older than it, backwards it and what is newer.
    """
    by_finish = is_by_finish(query)
    start = None if query.cursor is None else read_cursor(query.cursor, by_finish)
    check_query(store, query)
    if start is not None and not query.backwards:
        start -= 1
    if _is_empty(store, query):
        return Page(items=[], total=_total(store, query))
    rows = _by_id(store, query, by_finish, start) if query.ids else walk(store, query, plan(store, query, by_finish=by_finish), start)
    hits: list[Glimpse] = []
    last = None
    for looked, hit in enumerate(rows, 1):
        if narrows(hit, hit.payload, query):
            hits.append(hit)
            if len(hits) > query.limit:
                break
        if query.narrowed and looked >= SCAN_LIMIT:
            last = hit
            break
    return _page(store, query, by_finish, hits, last)


def walk(store: Store, query: JobQuery, way: Plan, start: int | None) -> Iterator[Glimpse]:
    """Rows in the order of the list, fetched as they are wanted."""
    if way.nothing or (start is not None and start < 0):
        return
    ask = way.ask(query, payload=query.arg is not None)
    limit, where = STEP if query.narrowed else query.limit + 1, start if start is not None else False
    while True:
        rows, goes_on, _ = store.run("find", {**ask, "from": where, "limit": limit, "pieces": PIECES}, safe=True)
        yield from (Glimpse(store, raw, number, by_finish=way.by_finish) for number, raw in rows)
        if goes_on is None:
            return
        where = goes_on


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


def _page(store: Store, query: JobQuery, by_finish: bool, hits: list[Glimpse], cut_off: Glimpse | None) -> Page:
    shown, rest = hits[: query.limit], hits[query.limit :]
    follows = None
    if rest:
        follows = write_cursor(rest[0].number if query.backwards else shown[-1].number, by_finish)
    items = [hit.record for hit in shown]
    if query.backwards:
        items.reverse()
    total = _total(store, query)
    return Page(
        items=items,
        next=follows,
        total=total,
        total_at_least=len(hits) if total is None else total,
        searched_back_to=cut_off.at if cut_off is not None and not rest else None,
        cuts=() if query.backwards else _cuts([hit.number for hit in shown], by_finish),
    )


def _cuts(numbers: Sequence[int], by_finish: bool) -> list[str]:
    """See `Page.cuts`."""
    return [write_cursor(number, by_finish) for number in (numbers[0] + 1, *numbers)] if numbers else []


def _is_empty(store: Store, query: JobQuery) -> bool:
    """Whether the counters know that nothing matches, so that no list need be walked to its end to find nothing."""
    if query.include_forgotten or not (query.states or (query.queue and query.name)):
        return False
    names = None if query.name is None else named(store, query.name)
    return total_of(store, queue=query.queue, names=names, states=query.states) == 0


def _total(store: Store, query: JobQuery) -> int | None:
    """What the counters know; None where the search asks for more than a state, a queue and a class."""
    if query != JobQuery(
        states=query.states, queue=query.queue, name=query.name, cursor=query.cursor, limit=query.limit, backwards=query.backwards
    ):
        return None
    names = None if query.name is None else named(store, query.name)
    return total_of(store, queue=query.queue, names=names, states=query.states)
