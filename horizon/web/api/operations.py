"""Bulk acts under way: look, and stop."""

from __future__ import annotations

from flask import jsonify, make_response, request, url_for
from werkzeug.wrappers import Response

from horizon.backends.values import Operation
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


def undo_operation(id: str) -> Response:
    """`POST /api/operations/ID/undo`: bring back what it cancelled or forgot."""
    undone = OperationControl(state_of().runtime).undo(current_actor(), id)
    return goes_on(undone) if isinstance(undone, Operation) else jsonify(shapes.acted("undo", undone))


def goes_on(operation: Operation) -> Response:
    """The answer to an act on more jobs than one step takes."""
    response = make_response(jsonify({"operation": operation.id}), 202)
    response.headers["Location"] = url_for("horizon.api_operation", id=operation.id)
    return response
