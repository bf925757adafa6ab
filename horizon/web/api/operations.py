"""Bulk acts under way: look, and stop."""

from __future__ import annotations

from flask import jsonify, request
from werkzeug.wrappers import Response

from horizon.control.acting import backend_of
from horizon.control.operations import OperationControl
from horizon.web import filters
from horizon.web.api import answers, shapes
from horizon.web.auth import current_actor
from horizon.web.state import state_of


def list_operations() -> Response:
    """`GET /api/operations`: newest first."""
    runtime, connection = state_of().runtime, request.args.get("connection")
    limit = filters.limit_of(request.args)
    return answers.unless_known(
        backend_of(runtime, connection), lambda: shapes.operations(OperationControl(runtime).list(limit, connection=connection))
    )


def show_operation(id: str) -> Response:
    """`GET /api/operations/ID`."""
    return answers.unless_same(shapes.operation(OperationControl(state_of().runtime).get(id)))


def stop_operation(id: str) -> Response:
    """`POST /api/operations/ID/stop`: go no further; what was done stays done."""
    return jsonify(shapes.operation(OperationControl(state_of().runtime).stop(current_actor(), id)))
