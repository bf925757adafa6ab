"""What failed, by cause: the list to work through, and one cause with all that is known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from horizon.backends.base import Backend
from horizon.control.acting import backend_of
from horizon.core.clock import DAY, HOUR, Micros
from horizon.core.errors import InvalidFilter
from horizon.core.query import JobQuery, Page
from horizon.core.record import Record
from horizon.core.states import JobState
from horizon.monitor import cause as looking
from horizon.monitor import gathering
from horizon.monitor.causes import FailureGroup
from horizon.monitor.triage import CauseState
from horizon.web import render, sight
from horizon.web.draw import chart, trace
from horizon.web.lately import Lately
from horizon.web.pages import frame
from horizon.web.state import state_of

SHOWN = 15
"""Causes on the page: it is to stay below 40 kB."""
RANGES: Mapping[str, Micros] = {"1h": HOUR, "24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY}
OPEN = "open"
"""Every state in which somebody should look."""
ALL = "all"
LISTED = 15


def show() -> Response:
    """GET /failed?view=causes"""
    standing, store = frame.standing(), frame.store()
    now = store.now()
    within, rows = gathered(store, now)
    wanted, sort = request.args.get("state", OPEN), _sort()
    state = _state(wanted)
    shown = rows if wanted == ALL else gathering.by_state(rows, state)
    begin = _begin(len(shown))
    ordered = sorted(shown, key=gathering.SORTS[sort])[begin : begin + SHOWN]
    return render.page(
        "failed/causes.html", at=now, view="causes", rows=ordered, begin=begin, of_state=len(shown), step=SHOWN,
        every=gathering.counted(rows), open_causes=len(gathering.by_state(rows, None)), total=len(rows), wanted=wanted, sort=sort,
        again=_again(store, ordered), chart=chart, within=within, states=tuple(CauseState), **standing,
    )  # fmt: skip


def gathered(store: Backend, now: Micros) -> tuple[str, list[FailureGroup]]:
    """The span that the address names, and every cause of it as the actor of this request sees it."""
    given = request.args.get("after", "")
    within = given if given in RANGES else "30d"
    since = now - RANGES[within]
    return within, gathering.causes(frame.stores(), _lately(store, within, now), since, now, seen=sight.causes)


def _lately(store: Backend, within: str, now: Micros) -> Lately:
    connection = frame.connection()
    failed = [
        (row.connection, row.name, row.count(JobState.FAILED), row.dead)
        for row in frame.figures().queues
        if connection in (None, row.connection)
    ]
    return Lately(store, backend_of(state_of().runtime, connection), within, now, failed)


def _state(wanted: str) -> CauseState | None:
    if wanted in (OPEN, ALL):
        return None
    try:
        return CauseState(wanted)
    except ValueError:
        raise InvalidFilter(f"a cause is {', '.join(CauseState)}, or {OPEN} or {ALL} of them; got {wanted[:40]!r}") from None


def _begin(rows: int) -> int:
    """How many causes stand on the pages before this one; they are few, and all of them known."""
    given = request.args.get("from", "")
    begin = int(given) if given.isascii() and given.isdecimal() and len(given) < 5 else 0
    return begin if begin < rows else 0


def _sort() -> str:
    given = request.args.get("sort", "count")
    return given if given in gathering.SORTS else "count"


def _again(store: Backend, rows: Sequence[FailureGroup]) -> dict[str, str]:
    """Of what has regressed, in which version of the code it was seen again."""
    found = {}
    for one in rows:
        if one.state is CauseState.REGRESSED and one.said is not None:
            latest = store.find(JobQuery(states=(JobState.FAILED,), cause=one.cause, limit=1)).items
            if latest and latest[0].code_version:
                found[one.cause] = latest[0].code_version
    return found


# one cause ----------------------------------------------------------------------------------------


def show_one(cause: str) -> Response:
    """GET /failed/causes/CAUSE"""
    standing, store = frame.standing(), frame.store()
    now = store.now()
    lately = _lately(store, "30d", now)
    found = looking.look(
        frame.stores(), store, cause, now, seen=sight.causes, spread=lambda: lately.spread(now - looking.SINCE, now, gathering.SPANS)
    )  # fmt: skip
    query = JobQuery(states=(JobState.FAILED,), cause=cause, cursor=request.args.get("cursor") or None, limit=LISTED)
    rows = store.find(query) if found.latest else Page(items=[])
    return render.page(
        "failed/cause.html", at=now, view="causes", found=found, cause=found.group, chart=chart, rows=sight.records(rows.items),
        next=rows.next, **_exception(store, found.latest), **standing,
    )  # fmt: skip


def _exception(store: Backend, latest: Sequence[Record]) -> dict[str, Any]:
    """The latest exception, ready to be drawn; nothing where no job stands failed."""
    record = store.get(latest[0].id) if latest else None
    if record is None:
        return {"job": None, "error": None, "trace": (), "attempt": None, "seen": None}
    seen = sight.of(record.name)
    record = seen.record(record)
    attempt = record.history[-1] if record.history else None
    error = (attempt.error if attempt else None) or record.error
    return {
        "job": record,
        "error": error,
        "attempt": attempt,
        "seen": seen,
        "trace": trace.parts(error.traceback, error.type) if error else (),
    }
