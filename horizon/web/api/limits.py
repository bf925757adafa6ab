"""What holds jobs back: limits with what is used of them, circuits with how they stand, and closing one."""

from __future__ import annotations

from flask import jsonify, request
from werkzeug.wrappers import Response

from horizon.control.acting import backend_of
from horizon.control.circuits import CircuitControl
from horizon.control.verbs import unknown
from horizon.core.clock import SECOND, iso
from horizon.core.errors import InvalidOption
from horizon.monitor import limits as seen
from horizon.monitor.limits import CircuitFigures, LimitFigures
from horizon.web import filters
from horizon.web.api import answers
from horizon.web.api.body import Body
from horizon.web.api.shapes import Json
from horizon.web.auth import current_actor
from horizon.web.state import state_of

ACTIONS = ("close",)


def list_limits() -> Response:
    """`GET /api/limits`: those for which most jobs wait first."""
    connection, most = _connection(), filters.limit_of(request.args)
    items = [limit(one) for one in seen.limits(state_of().runtime, connection, most)[:most]]
    return answers.unless_same(_page(items))


def list_circuits() -> Response:
    """`GET /api/circuits`: what is not closed first."""
    return answers.unless_same(_page([circuit(one) for one in seen.circuits(state_of().runtime, _connection())]))


def control() -> Response:
    """`POST /api/circuits/control`: `{"action": "close", "service"}`."""
    body = Body.read(("action", "service", "connection"))
    action, service, connection = body.text("action"), body.text("service"), body.text("connection")
    if action not in ACTIONS:
        raise unknown(action, list(ACTIONS))
    if not service:
        raise InvalidOption("close needs service: the name of a circuit, as `GET /api/circuits` lists them")
    runtime = state_of().runtime
    record = CircuitControl(runtime).close(current_actor(), service, connection=connection)
    return jsonify(circuit(CircuitFigures(connection=connection or runtime.default, record=record)))


def _connection() -> str | None:
    """The one that is asked about. Raises NotFound."""
    connection = request.args.get("connection") or None
    if connection is not None:
        backend_of(state_of().runtime, connection)
    return connection


def _page(items: list[Json]) -> Json:
    return {"items": items, "next": None, "total": len(items), "total_at_least": len(items)}


def limit(of: LimitFigures) -> Json:
    """One limit as the API shows it."""
    record = of.limit
    return {
        "key": record.key,
        "connection": of.connection,
        "strategy": record.strategy,
        "most": record.most,
        "per_seconds": record.per / SECOND if record.per else None,
        "allows": of.allows,
        "used": record.used,
        "running": record.running,
        "waiting": record.waiting,
        "opens_at": iso(record.opens_at),
    }


def circuit(of: CircuitFigures) -> Json:
    """One circuit as the API shows it."""
    record, figures = of.record, of.record.circuit
    return {
        "service": figures.service,
        "connection": of.connection,
        "state": record.state.value,
        "open_since": iso(record.since),
        "probe_at": iso(record.probe_at),
        "probe_job": record.probe,
        "fail_max": figures.fail_max,
        "within_seconds": figures.within / SECOND,
        "reset_seconds": figures.reset / SECOND,
    }
