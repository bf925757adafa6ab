"""One job: what it was asked to do, what happened, and what can be done about it."""

from __future__ import annotations

from typing import Any

from flask import request
from werkzeug.wrappers import Response

from horizon.core.errors import NotFound
from horizon.core.record import Attempt, Record
from horizon.core.states import Priority
from horizon.jobs.codec import readable
from horizon.web import render, sight
from horizon.web.draw import trace
from horizon.web.draw.timeline import timeline
from horizon.web.draw.tree import tree
from horizon.web.pages import buttons, frame

LINES = 100
"""Log lines of the attempt that is shown, the latest; the others are a link away."""
ATTEMPTS = 20


def show(id: str) -> Response:
    """GET /jobs/ID"""
    store = frame.store()
    record = store.get(id)
    if record is None:
        raise NotFound(f"there is no job {id[:40]!r}; it may have been removed after the time it was to be kept")
    now = store.now()
    return render.page("job/page.html", at=now, **detail(record, now), **frame.standing())


def detail(record: Record, now: int) -> dict[str, Any]:
    """Everything about one job, ready to be drawn."""
    attempt = chosen(record, request.args.get("attempt", ""))
    error = (attempt.error if attempt else None) or (record.error if attempt is None or attempt is record.history[-1] else None)
    whole_log = request.args.get("log") == "all"
    seen = sight.of(record.name)
    lines = tuple(line._replace(message=seen.text(line.message)) for line in attempt.logs) if attempt else ()
    return {
        "job": record,
        "buttons": buttons.of(record, frame.actor()),
        "timeline": timeline(record, now),
        "attempt": attempt,
        "error": error,
        "trace": trace.parts(error.traceback, error.type) if error else (),
        "lines": lines if whole_log else lines[-LINES:],
        "more_lines": 0 if whole_log else max(0, len(lines) - LINES),
        "attempts": record.history[::-1][: None if request.args.get("attempts") == "all" else ATTEMPTS],
        "arguments": tree(seen.data(readable(record.payload))),
        "payload_size": len(record.payload or b""),
        "result": None if record.result is None else tree(seen.data(readable(record.result))),
        "result_size": len(record.result or b""),
        "priorities": [(priority.name.capitalize(), priority.value) for priority in Priority],
    }


def chosen(record: Record, number: str) -> Attempt | None:
    """The attempt that the address names, else the last one."""
    named = next((attempt for attempt in record.history if str(attempt.number) == number), None)
    return named or (record.history[-1] if record.history else None)
