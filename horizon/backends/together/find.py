"""One list out of several: each store's own order, merged by time. Pure, but for the question that `read` asks.

A cursor of the merged list holds one of each store: its last job that was shown, or the top as it was. So every job is on exactly one page,
whatever comes in meanwhile; one that is pushed while somebody reads on is on the first page, where it belongs.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from horizon.core.clock import Micros
from horizon.core.errors import InvalidCursor, InvalidFilter
from horizon.core.group import GroupPage
from horizon.core.query import JobQuery, Page
from horizon.core.record import Record

Positions = Mapping[str, str | None]
"""Per store the cursor to go on from; None: from the top. `END`: it has no more."""
END = "."
Reader = Callable[[Mapping[str, JobQuery]], Mapping[str, Page]]


def find(names: Iterable[str], query: JobQuery, read: Reader) -> Page:
    """See `Backend.find`. `read` asks each store its query, and leaves out those that are down."""
    if query.backwards:
        raise InvalidFilter("a list of several connections is read forwards only; name one connection to read it backwards")
    at = parse(query.cursor, names)
    asked = {name: replace(query, cursor=where) for name, where in at.items() if where != END}
    return merge(query, at, read(asked))


def merge(query: JobQuery, at: Positions, pages: Mapping[str, Page]) -> Page:
    """The page of the merged list, out of the next page of each store."""
    finish = by_finish(query)
    barrier = max((page.searched_back_to for page in pages.values() if page.searched_back_to is not None), default=None)
    shown, rest = _merged(pages, query.limit, barrier, finish)
    left = {name: len(page.items) - sum(owner == name for owner, _ in shown) for name, page in pages.items()}
    positions = dict(at)
    for name, page in pages.items():
        positions[name] = page.cuts[len(page.items) - left[name]] if left[name] else page.next or END
    goes_on = rest or any(page.next for page in pages.values())
    totals = [page.total for page in pages.values()]
    return Page(
        items=[record for _, record in shown],
        next=write(positions) if goes_on else None,
        total=None if None in totals else sum(total or 0 for total in totals),
        total_at_least=sum(page.total_at_least for page in pages.values()),
        searched_back_to=barrier if len(shown) < query.limit else None,
    )


def _merged(pages: Mapping[str, Page], limit: int, barrier: Micros | None, finish: bool) -> tuple[list[tuple[str, Record]], bool]:
    """(store, job) of the newest, each store in its own order; and whether any were left.

    Behind the barrier one store has not looked yet, so nothing older is shown before it has.
    """
    heads = {name: 0 for name, page in pages.items() if page.items}
    shown: list[tuple[str, Record]] = []
    while heads and len(shown) < limit:
        owner = max(heads, key=lambda name: time_of(pages[name].items[heads[name]], finish))
        record = pages[owner].items[heads[owner]]
        if barrier is not None and time_of(record, finish) < barrier:
            break
        shown.append((owner, record))
        heads[owner] += 1
        if heads[owner] == len(pages[owner].items):
            del heads[owner]
            if pages[owner].next is not None:
                break  # what it has next may be newer than what the others hold
    return shown, bool(heads)


def groups(limit: int, at: Positions, pages: Mapping[str, GroupPage]) -> GroupPage:
    """The page of the merged list of groups. What is older than where one store stopped looking waits for the next page."""
    barrier = max((page.searched_back_to for page in pages.values() if page.searched_back_to is not None), default=None)
    found = [(name, one) for name, page in pages.items() for one in page.items if barrier is None or one.created_at >= barrier]
    found.sort(key=lambda row: (-row[1].created_at, row[0], -row[1].n))
    shown = found[:limit]
    positions = dict(at)
    for name, page in pages.items():
        own = [one for owner, one in shown if owner == name]
        if len(own) == len(page.items):
            positions[name] = page.next or END
        elif own:
            positions[name] = str(own[-1].n)
    goes_on = any(positions[name] != END for name in pages)
    return GroupPage(
        items=[one for _, one in shown],
        next=write(positions) if goes_on else None,
        searched_back_to=barrier if len(shown) < limit else None,
    )


def by_finish(query: JobQuery) -> bool:
    """Whether a list is in the order in which its jobs ended; else it is in the order in which they were pushed."""
    return len(query.states) == 1 and query.states[0].terminal


def time_of(record: Record, finish: bool) -> Micros:
    """What the merged list is sorted by."""
    return (record.finished_at if finish else None) or record.created_at


def write(at: Positions) -> str:
    """The cursor of these positions."""
    text = json.dumps(dict(at), separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def parse(text: str | None, names: Iterable[str]) -> dict[str, str | None]:
    """Where to go on in each store. Raises InvalidCursor."""
    known = dict.fromkeys(names)
    if text is None:
        return dict(known)
    try:
        given = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict) or not all(value is None or isinstance(value, str) for value in given.values()):
        raise InvalidCursor(f"{text[:80]!r} is not a cursor of this list; start from its first page")
    return {name: given.get(name) for name in known}
