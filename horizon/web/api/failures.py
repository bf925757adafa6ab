"""What failed for good: job by job, and by cause."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from flask import request
from werkzeug.wrappers import Response

from horizon.backends.base import Backend
from horizon.control.acting import backend_of
from horizon.core.clock import DAY
from horizon.core.query import JobQuery
from horizon.core.states import JobState
from horizon.monitor.causes import suggestion
from horizon.monitor.groups import homes
from horizon.web import filters, sight
from horizon.web.api import answers, shapes
from horizon.web.state import state_of

CAUSES = 20
SINCE = 30 * DAY


def list_failures() -> Response:
    """`GET /api/failures`: failed jobs, latest first, and on the first page the causes of the past 30 days."""
    runtime = state_of().runtime
    backend = backend_of(runtime, request.args.get("connection"))
    asked = filters.query_of(request.args, now=backend.now())
    query = replace(asked, states=(JobState.FAILED,))
    return answers.unless_known(backend, lambda: _failures(backend, query, runtime.max_tries))


def _failures(backend: Backend, query: JobQuery, tries: Callable[[str], int]) -> shapes.Json:
    causes = [] if query.cursor else backend.causes(backend.now() - SINCE, CAUSES)
    found = backend.find(query)
    shown = shapes.page(sight.page(found), tries, homes(backend, found.items))
    return {**shown, "causes": [shapes.cause(one, suggestion(one, None)) for one in sight.causes(causes)]}
