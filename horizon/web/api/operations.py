"""Bulk acts under way."""

from __future__ import annotations

from flask import jsonify, request
from werkzeug.wrappers import Response

from horizon.control.operations import OperationControl
from horizon.web.api import answers, shapes
from horizon.web.state import state_of


def list_operations() -> Response:
    """`GET /api/operations`: newest first."""
    found = OperationControl(state_of().runtime).list(connection=request.args.get("connection"))
    return jsonify({"items": [shapes.operation(one) for one in found], "next": None, "total": None, "total_at_least": len(found)})


def show_operation(id: str) -> Response:
    """`GET /api/operations/ID`."""
    return answers.unless_same(shapes.operation(OperationControl(state_of().runtime).get(id)))
