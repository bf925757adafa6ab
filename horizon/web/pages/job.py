"""One job: what it was asked to do, what happened, and what can be done about it."""

from __future__ import annotations

from typing import Any

from flask import request
from werkzeug.wrappers import Response

from horizon.backends.base import Backend
from horizon.control import stopping
from horizon.control.acting import backend_of
from horizon.core import deadlines
from horizon.core.clock import Micros
from horizon.core.outcome import Failure
from horizon.core.record import Attempt, Record
from horizon.core.states import Priority
from horizon.jobs import stored
from horizon.monitor.limits import of_job
from horizon.security.payloads import Sight
from horizon.web import render, sight
from horizon.web.draw import trace
from horizon.web.draw.timeline import rounds, timeline
from horizon.web.draw.tree import Node, tree
from horizon.web.pages import (
    buttons,
    frame,
    job_attempts,
    job_found,
    job_group,
    job_lock,
    job_log,
    job_menu,
    job_related,
    job_running,
    job_why,
)
from horizon.web.state import state_of

ATTEMPTS = 8
"""Of the newest that are shown at once; the others are a link away, for a page is to stay under 40 kB."""
LARGE = 2_000_000
"""Bytes of a result from which on it is not read for the page; the API gives it."""


def show(id: str) -> Response:
    """GET /jobs/ID"""
    store = frame.store()
    record = job_found.find(store, id)
    now = store.now()
    standing = frame.standing()
    why = job_why.of(frame.stores(), record, standing["figures"], now)
    return render.page("job/page.html", at=now, why=why, **detail(store, record, now), **standing)


def detail(store: Backend, record: Record, now: Micros) -> dict[str, Any]:
    """Everything about one job, ready to be drawn."""
    seen, lock = sight.of(record.name), job_lock.lock(record, frame.actor())
    record, round = seen.record(record), _round(record)
    attempt = chosen(record, request.args.get("attempt", ""), round)
    error = error_of(record, attempt)
    return {
        "job": record,
        "buttons": buttons.of(record, frame.actor()),
        "more": job_menu.of(record, frame.actor(), state_of().runtime.registry.find(record.name) is not None),
        "timeline": timeline(record, now, round),
        "late": deadlines.missed(record, now),
        "rounds": rounds(record),
        "attempt": attempt,
        "live": job_running.live(record, now),
        "stopping": stopping.of(record),
        "apart": job_attempts.apart(record.history),
        "held": held(record),
        "error": error,
        "trace": trace.parts(error.traceback, error.type) if error else (),
        "log": job_log.window(attempt, seen, request.args) if attempt else None,
        "attempts": record.history[::-1][: None if request.args.get("attempts") == "all" else ATTEMPTS],
        "seen": seen,
        "lock": lock,
        "related": job_related.of(store, record),
        "limits": of_job(backend_of(frame.stores(), record.connection), record),
        "places": job_group.places(record),
        "followed": job_group.followed(record),
        "priorities": [(priority.name.capitalize(), priority.value) for priority in Priority],
        **_data(record, seen),
    }


def held(record: Record) -> Micros | None:
    """From when the last attempt was reserved to when its outcome was stored: what the list of attempts says it took."""
    last = record.history[-1] if record.history else None
    return None if last is None or last.started_at is None or last.finished_at is None else last.finished_at - last.started_at


def _data(record: Record, seen: Sight) -> dict[str, Any]:
    arguments = stored.arguments(record.payload)
    shown = stored.result(record.payload) if arguments is None and record.payload else arguments or {}
    return {
        "arguments": tree(shown, seen=seen),
        "payload_size": len(record.payload or b""),
        "result": _result(record.result, seen),
        "result_size": len(record.result or b""),
    }


def _result(data: bytes | None, seen: Sight) -> Node | None:
    if data is None:
        return None
    if len(data) > LARGE:
        return Node(key=None, kind="hidden", text="too large to be shown here; the API gives it whole")
    return tree(stored.result(data), seen=seen)


def _round(record: Record) -> int | None:
    """The round that the address names, from 1; None for the current one."""
    named = request.args.get("round", "")
    return int(named) - 1 if named.isascii() and named.isdecimal() and len(named) < 6 and 1 <= int(named) <= record.round + 1 else None


def chosen(record: Record, number: str, round: int | None = None) -> Attempt | None:
    """The attempt that the address names, else the last one of the round it names, else the last one."""
    named = next((attempt for attempt in record.history if str(attempt.number) == number), None)
    of_round = next((attempt for attempt in reversed(record.history) if attempt.round == round), None)
    return named or of_round or (record.history[-1] if record.history else None)


def error_of(record: Record, attempt: Attempt | None) -> Failure | None:
    """The exception of an attempt; of the last one also what the store says of the job's end."""
    own = attempt.error if attempt else None
    return own or (record.error if attempt is None or attempt is record.history[-1] else None)
