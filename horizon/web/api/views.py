"""Saved views: those there are, a new one, another name, or none any more."""

from __future__ import annotations

from typing import Any

from flask import jsonify, make_response
from werkzeug.wrappers import Response

from horizon.control.verbs import unknown
from horizon.control.views import SavedView, ViewControl
from horizon.core.clock import iso
from horizon.core.errors import InvalidOption
from horizon.web.api import answers
from horizon.web.api.body import Body
from horizon.web.api.shapes import Json
from horizon.web.auth import current_actor
from horizon.web.state import state_of

SAVE, CHANGE, REMOVE = ACTIONS = ("save", "change", "remove")


def list_views() -> Response:
    """`GET /api/views`: own ones, and those that are shared."""
    found = [view(one) for one in _control().seen_by(current_actor())]
    return answers.unless_same({"items": found, "next": None, "total": len(found), "total_at_least": len(found)})


def control() -> Response:
    """`POST /api/views`: `{"action": "save", "name": ..., "page": "jobs", "query": "q=state:failed"}`."""
    body = Body.read(("action", "id", "name", "page", "query", "shared", "pinned"))
    action, actor = body.fields.get("action"), current_actor()
    if action not in ACTIONS:
        raise unknown(action, list(ACTIONS))
    if action == SAVE:
        name, query = body.text("name"), body.text("query")
        made = _control().save(
            actor, name or "", body.text("page") or "jobs", query or "", shared=_truth(body, "shared"), pinned=_truth(body, "pinned")
        )
        return make_response(jsonify(view(made)), 201)
    id = body.text("id")
    if id is None:
        raise InvalidOption(f"{action} needs id: the view that is meant")
    if action == REMOVE:
        return jsonify(view(_control().remove(actor, id)))
    said = {"name": body.text("name"), **{key: _truth(body, key) for key in ("shared", "pinned") if key in body.fields}}
    return jsonify(view(_control().change(actor, id, {key: value for key, value in said.items() if value is not None})))


def _control() -> ViewControl:
    return ViewControl(state_of().runtime)


def _truth(body: Body, name: str) -> bool:
    value: Any = body.fields.get(name)
    if value is not None and not isinstance(value, bool):
        raise InvalidOption(f"{name} is true or false, got {value!r}"[:200])
    return bool(value)


def view(one: SavedView) -> Json:
    """One view as the API shows it."""
    return {
        "id": one.id, "name": one.name, "page": one.page, "query": one.query, "owner": one.owner, "shared": one.shared,
        "pinned": one.pinned, "changed_at": iso(one.at) if one.at else None,
    }  # fmt: skip
