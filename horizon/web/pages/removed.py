"""What was forgotten, cleared or cancelled and can still be brought back."""

from __future__ import annotations

import re
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from horizon.backends.base import Backend
from horizon.backends.values import Verb
from horizon.control.marks import is_mark
from horizon.control.queues import Cleared, QueueControl
from horizon.core.audit import AuditQuery
from horizon.core.clock import DAY, SECOND, Micros
from horizon.core.errors import InvalidCursor
from horizon.web import live, render
from horizon.web.pages import cancelled, frame, views
from horizon.web.state import state_of

CLEARED = 10
"""Clears that are looked at."""


def show() -> Response:
    """GET /removed"""
    store = frame.store()
    standing: dict[str, Any] = {**views.menu(), **frame.standing()}
    before, window = cursor_of(request.args.get("cursor", "")), round(state_of().settings.UNDO * SECOND)
    found = store.hidden(before=before, limit=frame.ROWS + 1)
    rows = found[: frame.ROWS]
    following = f"{rows[-1][0]}.{rows[-1][1].n}" if len(found) > frame.ROWS else None
    acts, alone = cancelled.both(store) if before is None else ([], [])
    return render.page(
        "removed/page.html", at=store.now(), rows=rows, rows_packed=live.pack([record.id for _, record in rows]), following=following, window=window, whose=whose,
        cleared=cleared(store) if before is None else [], cancelled=acts, singles=alone, may_clear=frame.actor().can("admin"), **standing,
    )  # fmt: skip


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


def whose(reason: str | None) -> str:
    """Why a job was removed, as far as a person said it: the mark of the act without its time. Pure."""
    if not reason:
        return ""
    if not is_mark(Verb.FORGET, reason):
        return reason
    return re.sub(r" at \d{4}-\d\d-\d\dT[0-9:.]+Z", "", reason, count=1)
