"""What was forgotten and can still be brought back."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from horizon.backends.base import Backend
from horizon.control.acting import backend_of
from horizon.core.clock import SECOND, Micros, iso
from horizon.monitor.groups import NOWHERE, homes
from horizon.web import filters, sight
from horizon.web.api import answers, shapes
from horizon.web.pages.removed import cursor_of
from horizon.web.state import State, state_of


def list_removed() -> Response:
    """`GET /api/removed`: the latest to be forgotten first."""
    state = state_of()
    backend = backend_of(state.runtime, request.args.get("connection"))
    before, limit = cursor_of(request.args.get("cursor", "")), filters.limit_of(request.args)
    return answers.unless_known(backend, lambda: _page(state, backend, before, limit))


def _page(state: State, backend: Backend, before: tuple[Micros, int] | None, limit: int) -> shapes.Json:
    found = backend.hidden(before=before, limit=limit + 1)
    rows, tries, undo = found[:limit], state.runtime.max_tries, round(state.settings.UNDO * SECOND)
    where = homes(backend, [record for _, record in rows])
    items = [
        {
            **shapes.job(record, tries(record.connection), where.get(record.group or "", NOWHERE)),
            "removed_at": iso(at),
            "restorable_until": iso(at + undo),
        }
        for (at, _), record in zip(rows, sight.records(record for _, record in rows), strict=True)
    ]
    following = f"{rows[-1][0]}.{rows[-1][1].n}" if len(found) > limit else None
    whole = before is None and following is None
    return {"items": items, "next": following, "total": len(items) if whole else None, "total_at_least": len(items)}
