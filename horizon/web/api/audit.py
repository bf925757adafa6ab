"""The audit log, for programs."""

from __future__ import annotations

from flask import jsonify, request
from werkzeug.wrappers import Response

from horizon.control.acting import backend_of
from horizon.control.audit import AuditControl, states
from horizon.core.clock import iso
from horizon.web import audit
from horizon.web.api import answers
from horizon.web.api.body import Body
from horizon.web.api.shapes import Json
from horizon.web.auth import current_actor
from horizon.web.state import state_of


def list_entries() -> Response:
    """`GET /api/audit`: the same filters as the page, newest first."""
    backend = backend_of(state_of().runtime, request.args.get("connection") or None)
    query = audit.understand(request.args, now=backend.now()).query

    def make() -> Json:
        page = backend.audit.find(query)
        whole = query.cursor is None and page.next is None
        made: Json = {
            "items": [audit.shown(entry) for entry in page.items],
            "next": None if page.next is None else str(page.next),
            "total": len(page.items) if whole else None,
            "total_at_least": len(page.items),
        }
        if page.searched_back_to is not None:
            made["searched_back_to"] = iso(page.searched_back_to)
        return made

    return answers.unless_known(backend, make)


def show_chain() -> Response:
    """`GET /api/audit/chain`: what was found when each connection's log was looked at last."""
    runtime, connection = state_of().runtime, request.args.get("connection") or None
    if connection is not None:
        backend_of(runtime, connection)
    items: list[Json] = [audit.shown_check(found) for _, found in states(runtime, connection) if found is not None]
    return answers.unless_same({"items": items})


def verify() -> Response:
    """`POST /api/audit/verify`: `{"connection", "expect"}`, both of which may be left out."""
    body = Body.read(("connection", "expect"))
    found = AuditControl(state_of().runtime).verify(current_actor(), body.text("connection"), expect=body.text("expect"))
    return jsonify({"items": [audit.shown_check(one) for one in found], "holds": all(one.holds for one in found)})
