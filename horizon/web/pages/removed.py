"""What was forgotten or cleared and can still be brought back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from flask import request
from werkzeug.wrappers import Response

from horizon.backends.base import Backend
from horizon.backends.values import Verb
from horizon.control import marks
from horizon.control.acting import MAX_REASON
from horizon.control.marks import is_mark
from horizon.control.queues import Cleared, QueueControl
from horizon.core.audit import AuditEntry, AuditQuery
from horizon.core.clock import DAY, SECOND, Micros
from horizon.core.errors import InvalidCursor
from horizon.core.group import GroupKind
from horizon.core.query import JobQuery
from horizon.core.states import JobState
from horizon.web import live, render
from horizon.web.pages import frame
from horizon.web.state import state_of

CLEARED = 10
"""Clears that are looked at; and cancels that are shown."""
LOOKED = 30
"""Cancels that are looked at."""


def show() -> Response:
    """GET /removed"""
    standing, store = frame.standing(), frame.store()
    before, window = cursor_of(request.args.get("cursor", "")), round(state_of().settings.UNDO * SECOND)
    found = store.hidden(before=before, limit=frame.ROWS + 1)
    rows = found[: frame.ROWS]
    following = f"{rows[-1][0]}.{rows[-1][1].n}" if len(found) > frame.ROWS else None
    return render.page(
        "removed/page.html", at=store.now(), rows=rows, rows_packed=live.pack([record.id for _, record in rows]), following=following, window=window, whose=whose,
        cleared=cleared(store) if before is None else [], cancelled=cancels(store) if before is None else [], may_clear=frame.actor().can("admin"), **standing,
    )  # fmt: skip


def cleared(store: Backend) -> list[tuple[str, Cleared]]:
    """(queue, its latest clear) of queues cleared in the past day whose jobs can still be put back."""
    log = store.audit.find(AuditQuery(verb="clear", after=store.now() - DAY, limit=CLEARED))
    control = QueueControl(frame.stores())
    names = dict.fromkeys(entry.target.partition(":")[2] for entry in log.items)
    found = ((name, control.cleared(name, connection=frame.connection())) for name in names if name)
    return [(name, one) for name, one in found if one is not None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cancelled:
    """One act that cancelled many, and can be undone."""

    what: str
    by: str
    at: Micros
    count: int
    reason: str
    form: Mapping[str, str]
    """The fields of the form that undoes it."""
    group: bool


def cancels(store: Backend) -> list[Cancelled]:
    """The latest acts of the past day that cancelled many jobs, or a group, of which any can still be put back."""
    log = store.audit.find(AuditQuery(verb="cancel", after=store.now() - DAY, limit=LOOKED))
    found = (told for entry in log.items if (told := of_entry(entry)) is not None)
    standing = (
        one for one in found if store.find(JobQuery(states=(JobState.CANCELLED,), reason=one.form["mark"], after=one.at, limit=1)).items
    )
    return list(islice(standing, CLEARED))


def of_entry(entry: AuditEntry) -> Cancelled | None:
    """What an entry of the audit log tells of a cancel; None where it left no mark. Pure."""
    mark = (entry.detail or "").removeprefix("reason ")
    told = marks.asked(mark) if len(entry.detail or "") < MAX_REASON else None
    if told is None or entry.at is None:
        return None
    who, at, reason = told
    kind, _, id = entry.target.partition(":")
    group = kind in {one.value for one in GroupKind}
    form = {"do": f"uncancel:{id}"} if group else {"do": "retry", "keep_time": "1"}
    return Cancelled(
        what=f"{kind} {id[:8]}" if group else entry.target, by=who, at=at, count=entry.count, reason=reason, form={**form, "mark": mark}, group=group
    )  # fmt: skip


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
