"""What was forgotten and fits a filter, a page at a time. No index knows what a removed job says, so its rows are looked at one by one."""

from __future__ import annotations

from typing import NamedTuple

from horizon.backends.base import Backend
from horizon.core.clock import Micros
from horizon.core.query import MAX_LIMIT, SCAN_LIMIT
from horizon.core.record import Record
from horizon.web.narrowing import RowFilter

Row = tuple[Micros, Record]
"""When it was forgotten, and the job."""
Place = tuple[Micros, int]


class Found(NamedTuple):
    """Some that fit, the latest to be forgotten first."""

    rows: list[Row]
    next: Place | None = None
    """Behind which it goes on; None: there are no others."""
    searched_back_to: Micros | None = None
    """Set where `SCAN_LIMIT` rows were looked at before there were enough."""


def find(store: Backend, asked: RowFilter[Row], before: Place | None, limit: int) -> Found:
    """At most `limit` that fit, behind a place."""
    place, found, looked = begin(asked, before), list[Row](), 0
    size = MAX_LIMIT if asked.narrowed else min(limit + 1, MAX_LIMIT)
    while looked < SCAN_LIMIT:
        rows = store.hidden(before=place, limit=size)
        for row in rows:
            if asked.since is not None and row[0] < asked.since:
                return Found(found)
            if asked.of([row]):
                if len(found) == limit:
                    return Found(found, place_of(found[-1]))
                found.append(row)
        if len(rows) < size:
            return Found(found)
        place, looked = place_of(rows[-1]), looked + len(rows)
    return Found(found, place, None if place is None else place[0])


def begin(asked: RowFilter[Row], before: Place | None) -> Place | None:
    """Where to begin: behind the place, and before the end of the time that is asked for."""
    ends = [place for place in (before, None if asked.until is None else (asked.until, 0)) if place is not None]
    return min(ends, default=None)


def place_of(row: Row) -> Place:
    """That of a row."""
    return row[0], row[1].n
