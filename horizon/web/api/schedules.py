"""Schedules: all of them, one with its history, a new one, and what is done to one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import jsonify, make_response, request, url_for
from werkzeug.wrappers import Response

from horizon.control.schedules import ScheduleControl
from horizon.control.verbs import unknown
from horizon.core.clock import SECOND, iso
from horizon.core.errors import InvalidOption, NotFound
from horizon.jobs import stored
from horizon.jobs.codec import readable
from horizon.monitor import schedules as seen
from horizon.monitor.runs import Told
from horizon.monitor.schedules import Row
from horizon.security.payloads import Sight
from horizon.security.permissions import Actor
from horizon.timetable.wanted import Wanted
from horizon.web import filters, sight
from horizon.web.api import answers
from horizon.web.api.body import Body
from horizon.web.api.shapes import Json
from horizon.web.auth import current_actor
from horizon.web.lists import SCHEDULES
from horizon.web.state import state_of

SAYABLE = ("job", "when", "timezone", "args", "options", "misfire", "catch_up", "overlap", "jitter")
"""What can be said of a schedule, in the words of the API."""
INNER = {"job": "target", "catch_up": "most"}
"""Those that have another name inside."""
Act = Callable[[ScheduleControl, Actor, str, str | None], str | None]


def list_schedules() -> Response:
    """`GET /api/schedules`: by name; `cursor` is the last one seen."""
    state_of().imports.ensure()
    board, limit, cursor = seen.board(state_of().runtime), filters.limit_of(request.args), request.args.get("cursor", "")
    fit = SCHEDULES.understand(request.args).of(board.rows)
    left = [row for row in fit if row.schedule.name > cursor]
    items = [schedule(row, sight.of(row.schedule.target)) for row in left[:limit]]
    following = items[-1]["name"] if len(left) > limit else None
    total = len(fit)
    page = {"items": items, "next": following, "total": total, "total_at_least": total}
    return answers.unless_same({**page, "problems": dict(board.problems), "led": board.led})


def show_schedule(name: str) -> Response:
    """`GET /api/schedules/NAME`: with its history."""
    state_of().imports.ensure()
    return answers.unless_same(_in_full(name))


def new_schedule() -> Response:
    """`POST /api/schedules`"""
    body = Body.read(("name", *SAYABLE))
    state_of().imports.ensure()
    said = _said(body)
    for needed in ("job", "when"):
        if not body.fields.get(needed):
            raise InvalidOption(f"{needed} is missing: a schedule says which job it dispatches, and when")
    made = _control().add(current_actor(), Wanted(**{"target": None, "when": None, **said, "name": body.text("name")}))
    response = make_response(jsonify(_in_full(made.name)), 201)
    response.headers["Location"] = url_for("horizon.api_schedule", name=made.name)
    return response


def set_schedule(name: str) -> Response:
    """`POST /api/schedules/NAME/settings`: what is left out stays as it is."""
    body = Body.read(SAYABLE)
    state_of().imports.ensure()
    changes = _said(body)
    if not changes:
        raise InvalidOption(f"name what shall be different: {', '.join(SAYABLE)}")
    _control().edit(current_actor(), name, changes)
    return jsonify(_in_full(name))


def act(name: str) -> Response:
    """`POST /api/schedules/NAME/control`: `{"action": "pause"}`."""
    body = Body.read(("action", "reason"))
    state_of().imports.ensure()
    action = body.fields.get("action")
    if not isinstance(action, str) or action not in ACTS:
        raise unknown(action, list(ACTS))
    job = ACTS[action](_control(), current_actor(), name, body.text("reason"))
    return jsonify({"action": action, "name": name, "job_id": job})


def _control() -> ScheduleControl:
    return ScheduleControl(state_of().runtime)


def _run(control: ScheduleControl, actor: Actor, name: str, reason: str | None) -> str | None:
    return control.run(actor, name).id


def _pause(control: ScheduleControl, actor: Actor, name: str, reason: str | None) -> None:
    control.pause(actor, name, reason)


def _resume(control: ScheduleControl, actor: Actor, name: str, reason: str | None) -> None:
    control.resume(actor, name)


def _remove(control: ScheduleControl, actor: Actor, name: str, reason: str | None) -> None:
    control.remove(actor, name)


ACTS: Mapping[str, Act] = {"pause": _pause, "resume": _resume, "run": _run, "remove": _remove}


def _said(body: Body) -> dict[str, Any]:
    """What a body says of a schedule, in our own words; null: as usual."""
    usual = Wanted(target=None, when=None)
    read: dict[str, Any] = {
        **{key: body.text(key) for key in ("job", "when", "timezone", "misfire", "overlap")},
        **{key: body.object(key) for key in ("args", "options")},
        "catch_up": body.integer("catch_up"),
        "jitter": body.number("jitter"),
    }
    named = {INNER.get(key, key): read[key] for key in SAYABLE if key in body.fields}
    return {key: getattr(usual, key) if value is None else value for key, value in named.items()}


# shapes -------------------------------------------------------------------------------------------------------------------


def schedule(row: Row, sees: Sight) -> Json:
    """One schedule as the API shows it, its arguments as far as they are to be seen."""
    one, last = row.schedule, row.last
    return {
        "name": one.name,
        "job": one.target,
        "when": one.when,
        "timezone": one.timezone,
        "words": row.words,
        "state": row.state,
        "source": one.source,
        "paused_reason": one.paused_reason,
        "args": sees.data(readable(stored.payload(json.loads(one.args)))),
        "options": dict(one.options),
        "misfire": one.misfire,
        "catch_up": one.most,
        "overlap": one.overlap,
        "jitter": one.jitter / SECOND,
        "next_at": iso(row.next),
        "next": [iso(at) for at in row.ahead()],
        "last_at": iso(one.last_at),
        "last_job": one.last_job,
        "last_state": None if last is None else last.state.value,
        "missed": one.missed,
    }


def in_full(row: Row, runs: Sequence[Told], sees: Sight) -> Json:
    """One with its history, newest first."""
    return {**schedule(row, sees), "history": [_run_shape(told, sees) for told in runs]}


def _run_shape(told: Told, sees: Sight) -> Json:
    run = told.run
    return {
        "at": iso(run.at), "due_at": iso(run.due_at), "kind": run.kind, "job_id": run.job, "count": run.count,
        "detail": run.detail and sees.text(run.detail), "outcome": told.outcome, "late_seconds": told.late / SECOND, "overlapped": told.over,
    }  # fmt: skip


def _in_full(name: str) -> Json:
    runtime = state_of().runtime
    row = seen.one(runtime, name)
    if row is None:
        raise NotFound(f"there is no schedule {name[:80]!r}")
    return in_full(row, seen.history(runtime, row.schedule), sight.of(row.schedule.target))
