"""Jobs: the list, one of them, a new one, and the figures about all of them."""

from __future__ import annotations

from dataclasses import replace

from flask import jsonify, make_response, request, url_for
from werkzeug.wrappers import Response

from horizon.backends.base import Backend
from horizon.control.acting import backend_of
from horizon.control.dispatching import DispatchControl, NewJob
from horizon.control.revealing import RevealControl
from horizon.core.errors import NotFound
from horizon.core.ids import is_id
from horizon.core.record import Record
from horizon.monitor.groups import NOWHERE, Home, homes
from horizon.web import filters, sight
from horizon.web.api import answers, shapes
from horizon.web.api.body import Body
from horizon.web.auth import current_actor
from horizon.web.state import state_of

FIELDS = ("name", "args", "queue", "delay", "priority", "tags", "connection")


def list_jobs() -> Response:
    """`GET /api/jobs`: the same filters as the page."""
    backend = _backend()
    query = filters.query_of(request.args, now=backend.now())
    tries = state_of().runtime.max_tries

    def make() -> shapes.Json:
        found = backend.find(query)
        return shapes.page(sight.page(found), tries, homes(backend, found.items))

    return answers.unless_known(backend, make)


def show_job(id: str) -> Response:
    """`GET /api/jobs/ID`: with arguments, result and history."""
    record = find(id)
    tries = state_of().runtime.max_tries(record.connection)
    return answers.unless_same(shapes.job_in_full(record, sight.of(record.name), tries, _home(record)))


def reveal_job(id: str) -> Response:
    """`POST /api/jobs/ID/reveal`: the same of an encrypted job, opened; the audit log keeps who asked."""
    record, runtime = find(id), state_of().runtime
    seen = sight.of(record.name)
    found = RevealControl(runtime).open(current_actor(), record)
    seen = replace(seen, secret=(*seen.secret, *found.names))
    return make_response(
        jsonify(shapes.job_in_full(found.record, seen, runtime.max_tries(record.connection), _home(record), encrypted=True))
    )


def new_job() -> Response:
    """`POST /api/jobs`: only of classes that are loaded and registered."""
    body = Body.read(FIELDS)
    wanted = NewJob(
        name=body.text("name"),
        args=body.object("args") or {},
        queue=body.text("queue"),
        delay=body.number("delay"),
        priority=body.integer("priority"),
        tags=body.texts("tags"),
        connection=body.text("connection"),
    )
    state_of().imports.ensure()
    made = DispatchControl(state_of().runtime).push(current_actor(), wanted)
    response = make_response(jsonify(shapes.job(sight.of(made.name).record(made), state_of().runtime.max_tries(made.connection))), 201)
    response.headers["Location"] = url_for("horizon.api_job", id=made.id)
    return response


def dashboard() -> Response:
    """`GET /api/jobs/dashboard`."""
    return answers.unless_same(shapes.dashboard(state_of().stats.overview()))


def status() -> Response:
    """`GET /api/jobs/status`: whether anybody works, and who."""
    return answers.unless_same(shapes.status(state_of().stats.overview()))


def find(id: str) -> Record:
    """The job with this id, on whichever connection it lives. Raises NotFound."""
    record = state_of().runtime.everywhere().get(id) if is_id(id) else None
    if record is not None:
        return record
    raise NotFound(f"there is no job {id[:80]!r}; it may have been removed, or it never existed")


def _home(record: Record) -> Home:
    """The batch and the chain it belongs to."""
    return homes(state_of().runtime.everywhere(), [record]).get(record.group or "", NOWHERE)


def _backend() -> Backend:
    return backend_of(state_of().runtime, request.args.get("connection"))
