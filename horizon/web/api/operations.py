"""Bulk acts under way: look, and stop."""

from __future__ import annotations

from collections.abc import Sequence

from flask import jsonify, make_response, request, url_for
from werkzeug.wrappers import Response

from horizon.backends.values import Operation
from horizon.control.acting import backend_of
from horizon.control.operations import OperationControl
from horizon.core.errors import InvalidCursor
from horizon.web import filters
from horizon.web.api import answers, shapes
from horizon.web.auth import current_actor
from horizon.web.state import state_of

LATEST = 2_000
"""So many are looked through; they are forgotten after some days."""


def list_operations() -> Response:
    """`GET /api/operations`: newest first; `cursor` is the id of the last one seen."""
    runtime, connection = state_of().runtime, request.args.get("connection")
    limit, cursor = filters.limit_of(request.args), request.args.get("cursor", "")

    def make() -> shapes.Json:
        return shapes.operations(*_page(OperationControl(runtime).list(LATEST, connection=connection), cursor, limit))

    return answers.unless_known(backend_of(runtime, connection), make)


def _page(found: Sequence[Operation], cursor: str, limit: int) -> tuple[Sequence[Operation], str | None, int]:
    """Those behind the one of this id, the cursor of the next page, how many there are. Raises InvalidCursor."""
    start = 0
    if cursor:
        start = next((place for place, one in enumerate(found, 1) if one.id == cursor), 0)
        if not start:
            raise InvalidCursor(f"the operation {cursor[:80]!r} is no longer in this list; start from its first page")
    items = found[start : start + limit]
    return items, items[-1].id if len(found) > start + limit else None, len(found)


def show_operation(id: str) -> Response:
    """`GET /api/operations/ID`."""
    return answers.unless_same(shapes.operation_in_full(OperationControl(state_of().runtime).get(id)))


def stop_operation(id: str) -> Response:
    """`POST /api/operations/ID/stop`: go no further; what was done stays done."""
    return jsonify(shapes.operation_in_full(OperationControl(state_of().runtime).stop(current_actor(), id)))


def undo_operation(id: str) -> Response:
    """`POST /api/operations/ID/undo`: bring back what it cancelled or forgot."""
    undone = OperationControl(state_of().runtime).undo(current_actor(), id).said
    return goes_on(undone) if isinstance(undone, Operation) else jsonify(shapes.acted("undo", undone))


def goes_on(operation: Operation) -> Response:
    """The answer to an act on more jobs than one step takes."""
    response = make_response(jsonify({"operation": operation.id}), 202)
    response.headers["Location"] = url_for("horizon.api_operation", id=operation.id)
    return response
