"""What was forgotten and can still be brought back."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from horizon.backends.base import Backend
from horizon.control.acting import backend_of
from horizon.core.clock import SECOND, iso
from horizon.monitor.groups import NOWHERE, homes
from horizon.web import filters, hidden, sight
from horizon.web.api import answers, shapes
from horizon.web.lists import REMOVED
from horizon.web.narrowing import RowFilter
from horizon.web.pages.removed import cursor_of, spelt
from horizon.web.search import Moment
from horizon.web.state import State, state_of


def list_removed() -> Response:
    """`GET /api/removed`: the latest to be forgotten first, by `q`, `after` and `before` as on the page."""
    state = state_of()
    backend = backend_of(state.runtime, request.args.get("connection"))
    before, limit = cursor_of(request.args.get("cursor", "")), filters.limit_of(request.args)
    asked = REMOVED.understand(request.args, Moment(now=backend.now()))
    return answers.unless_known(backend, lambda: _page(state, backend, asked, before, limit))


def _page(state: State, backend: Backend, asked: RowFilter[hidden.Row], before: hidden.Place | None, limit: int) -> shapes.Json:
    rows, following, searched = hidden.find(backend, asked, before, limit)
    tries, undo = state.runtime.max_tries, round(state.settings.UNDO * SECOND)
    where = homes(backend, [record for _, record in rows])
    items = [
        {
            **shapes.job(record, tries(record.connection), where.get(record.group or "", NOWHERE)),
            "removed_at": iso(at),
            "restorable_until": iso(at + undo),
        }
        for (at, _), record in zip(rows, sight.records(record for _, record in rows), strict=True)
    ]
    whole = before is None and following is None
    page: shapes.Json = {"items": items, "next": spelt(following), "total": len(items) if whole else None, "total_at_least": len(items)}
    return page if searched is None else {**page, "searched_back_to": iso(searched)}
