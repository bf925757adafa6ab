"""Queues: every one with its figures, one with what is set for it, and setting it."""

from __future__ import annotations

from flask import jsonify, request
from werkzeug.wrappers import Response

from horizon.backends.values import QueueSettings
from horizon.control.acting import backend_of
from horizon.control.queues import DURATIONS, LIMITS, SETTABLE, UNLIMITED, QueueControl, limit
from horizon.core.clock import SECOND, iso
from horizon.core.errors import InvalidCursor, InvalidOption, NotFound
from horizon.core.states import JobState
from horizon.jobs import options
from horizon.monitor.figures import QueueFigures
from horizon.monitor.targets import Attained, Standing
from horizon.web import filters
from horizon.web.api import answers, shapes
from horizon.web.api.body import Body
from horizon.web.api.shapes import Json
from horizon.web.auth import current_actor
from horizon.web.lists import QUEUES
from horizon.web.state import state_of


def list_queues() -> Response:
    """`GET /api/queues`: of every connection, or of one; by name."""
    connection, limit = request.args.get("connection") or None, filters.limit_of(request.args)
    if connection is not None:
        backend_of(state_of().runtime, connection)
    known = [row for row in state_of().stats.overview().queues if connection in (None, row.connection)]
    rows = sorted(QUEUES.understand(request.args).of(known), key=_place)
    after = _after(request.args.get("cursor", ""))
    left = [row for row in rows if _place(row) > after]
    cut_off = left[limit - 1] if len(left) > limit else None
    shown = [queue(row) for row in left[:limit]]
    following = None if cut_off is None else f"{cut_off.name}/{cut_off.connection}"
    return answers.unless_same({"items": shown, "next": following, "total": len(rows), "total_at_least": len(rows)})


def show_queue(name: str) -> Response:
    """`GET /api/queues/NAME`."""
    return answers.unless_same(queue(_found(name, request.args.get("connection") or None)))


def set_queue(name: str) -> Response:
    """`POST /api/queues/NAME/settings`: null goes back to what the code says, `"unlimited"` lifts a limit."""
    body = Body.read((*SETTABLE, "connection"))
    connection = body.text("connection")
    changes: dict[str, object] = {key: body.integer(key) for key in ("priority_weight",) if key in body.fields}
    for key in (name for name in LIMITS if name in body.fields):
        if body.fields[key] == UNLIMITED:
            changes[key] = UNLIMITED
        elif key not in DURATIONS:
            changes[key] = body.integer(key)
    for key in (name for name in DURATIONS if name in body.fields and body.fields[name] != UNLIMITED):
        given = body.number(key)
        changes[key] = None if given is None else options.seconds(given, key)
    if "start_share" in body.fields:
        changes["start_share"] = body.number("start_share")
    if not changes:
        raise InvalidOption(f"name a setting to change: {', '.join(SETTABLE)}")
    after = QueueControl(state_of().runtime).override(current_actor(), name, changes, connection=connection)
    return jsonify({"name": name, "settings": settings(after)})


def _place(row: QueueFigures) -> tuple[str, str]:
    return row.name, row.connection


def _after(cursor: str) -> tuple[str, str]:
    """The queue that the page before ended with. Raises InvalidCursor."""
    if not cursor:
        return "", ""
    name, slash, connection = cursor.partition("/")
    if not slash:
        raise InvalidCursor(f"{cursor[:80]!r} is not a cursor of this list; start from its first page")
    return name, connection


def _found(name: str, connection: str | None) -> QueueFigures:
    """The figures of a queue. Raises NotFound."""
    where = connection or state_of().runtime.default
    backend_of(state_of().runtime, where)
    for row in state_of().stats.overview().queues:
        if (row.name, row.connection) == (name, where):
            return row
    raise NotFound(f"no job, no worker and no code has named a queue {name[:80]!r} on the connection {where}")


def queue(row: QueueFigures) -> Json:
    """One queue as the API shows it: that of the dashboard, and more."""
    return {
        **shapes.queue(row),
        **{state.value: row.count(state) for state in JobState},
        "dead": row.dead,
        "in_per_minute": row.in_per_minute,
        "seconds_to_clear": row.to_clear,
        "clearing": not row.stuck,
        "workers": row.workers,
        "slots": row.slots,
        "unserved": row.unserved,
        "unused": row.unknown,
        "paused_until": iso(row.paused_until),
        "paused_reason": row.paused_reason,
        "target": None if row.target is None else target(row.target),
        "settings": settings(row.settings or QueueSettings(name=row.name)),
    }


def target(of: Standing) -> Json:
    """How a time target stands."""
    return {
        "within": of.target.within / SECOND,
        "share": of.target.share,
        "state": of.state.value,
        "hour": _attained(of.hour),
        "day": _attained(of.day),
        "slots_needed": of.slots_needed,
    }


def _attained(of: Attained) -> Json:
    return {"started": of.started, "in_time": of.in_time, "share": of.share, "burn": of.burn}


def settings(of: QueueSettings) -> Json:
    """What is set for a queue: the value in force, what the code says, and whether a person has changed it."""
    made = {}
    for key in SETTABLE:
        changed, value = key in of.overridden, getattr(of, key)
        coded = of.coded.get(key) if changed else value
        made[key] = {"value": _shown(key, value), "code": _shown(key, coded), "overridden": changed}
    return made


def _shown(key: str, value: object) -> object:
    """Durations are seconds; null: no limit."""
    told = limit(value)
    return told / SECOND if key in DURATIONS and isinstance(told, int) else told
