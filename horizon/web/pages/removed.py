"""What was forgotten, cleared or cancelled and can still be brought back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, TypeVar

from flask import request
from werkzeug.wrappers import Response

from horizon.backends.base import Backend
from horizon.backends.values import Verb
from horizon.control.marks import is_mark
from horizon.control.queues import Cleared, QueueControl
from horizon.core.audit import AuditQuery
from horizon.core.clock import DAY, SECOND, Micros
from horizon.core.errors import InvalidCursor
from horizon.web import hidden, live, render
from horizon.web.lists import REMOVED
from horizon.web.narrowing import Narrowing
from horizon.web.pages import cancelled, frame, listing
from horizon.web.search import Moment
from horizon.web.state import state_of

CLEARED = 10
"""Clears that are looked at."""
CLEARS: Narrowing[tuple[str, Cleared]] = Narrowing(
    states={}, words=lambda row: (row[0], row[1].actor, row[1].mark), when=lambda row: row[1].at,
    keys={
        "class": lambda row: (), "queue": lambda row: (row[0],), "tag": lambda row: (), "user": lambda row: (), "by": lambda row: (row[1].actor,),
    },
)  # fmt: skip
R = TypeVar("R")


def show() -> Response:
    """GET /removed"""
    store = frame.store()
    moment = Moment(now=store.now(), zone=render.viewer().zone)
    before, window = cursor_of(request.args.get("cursor", "")), round(state_of().settings.UNDO * SECOND)
    _, narrowed = listing.narrowed(REMOVED, (), moment)
    found = hidden.Found([]) if narrowed["wrong"] else hidden.find(store, narrowed["filter"], before, frame.ROWS)
    first = before is None and not narrowed["wrong"]
    acts, alone = cancelled.both(store) if first else ([], [])
    around: dict[str, Any] = {**narrowed, **frame.standing()}
    return render.page(
        "removed/page.html", at=moment.now, rows=found.rows, rows_packed=live.pack([record.id for _, record in found.rows]), following=spelt(found.next),
        searched_back_to=found.searched_back_to, window=window, whose=whose, cleared=_said(CLEARS, cleared(store), moment) if first else [],
        cancelled=_said(cancelled.ACTS, acts, moment), singles=_said(cancelled.ACTS, alone, moment), may_clear=frame.actor().can("admin"), **around,
    )  # fmt: skip


def _said(how: Narrowing[R], found: Sequence[R], moment: Moment) -> list[R]:
    """Those of the acts that the filter of the page names, too."""
    return how.understand(request.args, moment).of(found) if found else []


def cleared(store: Backend) -> list[tuple[str, Cleared]]:
    """(queue, its latest clear) of queues cleared in the past day whose jobs can still be put back."""
    log = store.audit.find(AuditQuery(verb="clear", after=store.now() - DAY, limit=CLEARED))
    control = QueueControl(frame.stores())
    names = dict.fromkeys(entry.target.partition(":")[2] for entry in log.items)
    found = ((name, control.cleared(name, connection=frame.connection())) for name in names if name)
    return [(name, one) for name, one in found if one is not None]


def cursor_of(text: str) -> tuple[Micros, int] | None:
    """The time and number of the last row seen. Raises InvalidCursor."""
    if not text:
        return None
    match = re.fullmatch(r"([0-9]{1,18})\.([0-9]{1,18})", text)
    if match is None:
        raise InvalidCursor(f"{text[:40]!r} is not a cursor of this list; start from its first page")
    return int(match[1]), int(match[2])


def spelt(place: hidden.Place | None) -> str | None:
    """A place as `cursor_of` reads it."""
    return None if place is None else f"{place[0]}.{place[1]}"


def whose(reason: str | None) -> str:
    """Why a job was removed, as far as a person said it: the mark of the act without its time. Pure."""
    if not reason:
        return ""
    if not is_mark(Verb.FORGET, reason):
        return reason
    return re.sub(r" at \d{4}-\d\d-\d\dT[0-9:.]+Z", "", reason, count=1)
