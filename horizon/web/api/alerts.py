"""Alerts, for programs: what is active, what is over, and what is said to it."""

from __future__ import annotations

from flask import jsonify, request
from werkzeug.wrappers import Response

from horizon.control.alerts import AlertControl
from horizon.control.verbs import unknown
from horizon.core.alert import Alert, Severity
from horizon.core.clock import Micros, iso
from horizon.core.errors import InvalidFilter, InvalidOption
from horizon.monitor import alerts as seen
from horizon.web import filters
from horizon.web.api import answers
from horizon.web.api.body import Body
from horizon.web.api.shapes import Json
from horizon.web.auth import current_actor, this_app
from horizon.web.lists import ALERTS
from horizon.web.search import Moment
from horizon.web.state import state_of

ACTIONS = ("acknowledge", "snooze", "resolve")
STATES = ("active", "past")


def list_alerts() -> Response:
    """`GET /api/alerts`: `state` is `active` (else) or `past`; `severity`; `q`, `after` and `before` as on the page; `limit`."""
    store, most = state_of().runtime.backend(), filters.limit_of(request.args)
    state, severity = request.args.get("state") or "active", request.args.get("severity") or None
    if state not in STATES:
        raise InvalidFilter(f"state is {' or '.join(STATES)}, got {state[:40]!r}")
    if severity is not None and severity not in [*Severity]:
        raise InvalidFilter(f"there is no severity {severity[:40]!r}; there are: {', '.join(Severity)}")
    now, known = store.now(), seen.active(store) if state == "active" else seen.past(store)
    asked = {name: request.args.get(name, "") for name in ("q", "after", "before")}
    found = [one for one in ALERTS.understand(asked, Moment(now=now)).of(known) if severity in (None, one.severity)]
    items = [alert(one, now) for one in found[:most]]
    return answers.unless_same({"items": items, "next": None, "total": len(found), "total_at_least": len(found)})


def control() -> Response:
    """`POST /api/alerts/control`: `{"action": "acknowledge|snooze|resolve", "id", "until", "note"}`."""
    body = Body.read(("action", "id", "until", "note"))
    action, id, note = body.text("action"), body.text("id"), body.text("note")
    if action not in ACTIONS:
        raise unknown(action, list(ACTIONS))
    if not id:
        raise InvalidOption(f"{action} needs id: that of an alert, as `GET /api/alerts` lists them")
    runtime, actor = state_of().runtime, current_actor()
    verbs = AlertControl(runtime, this_app())
    if action == "snooze":
        until = body.moment("until")
        if until is None:
            raise InvalidOption("snooze needs until: a time to come, within 30 days")
        made = verbs.snooze(actor, id, until, note=note)
    else:
        made = (verbs.acknowledge if action == "acknowledge" else verbs.resolve)(actor, id, note=note)
    return jsonify(alert(made, runtime.backend().now()))


def alert(of: Alert, now: Micros) -> Json:
    """One as the API shows it."""
    return {
        "id": of.id,
        "key": of.key,
        "severity": of.severity.value,
        "state": of.state(now),
        "title": of.title,
        "text": of.text,
        "todo": of.todo,
        "command": of.command or None,
        "rule": of.rule or None,
        "subject": None if of.subject is None else {"kind": of.subject[0], "name": of.subject[1]},
        "connection": of.connection,
        "figures": dict(of.figures),
        "count": of.count,
        "first_at": iso(of.first_at),
        "last_at": iso(of.last_at),
        "acknowledged_at": iso(of.acknowledged_at),
        "acknowledged_by": of.acknowledged_by,
        "snoozed_until": iso(of.snoozed_until),
        "snoozed_by": of.snoozed_by,
        "note": of.note,
        "resolved_at": iso(of.resolved_at),
        "resolved_by": of.resolved_by,
    }
