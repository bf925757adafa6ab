"""The audit log, for programs."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from horizon.control.acting import backend_of
from horizon.core.clock import iso
from horizon.web import audit
from horizon.web.api import answers
from horizon.web.api.shapes import Json
from horizon.web.state import state_of


def list_entries() -> Response:
    """`GET /api/audit`: the same filters as the page, newest first."""
    backend = backend_of(state_of().runtime, request.args.get("connection") or None)
    query = audit.understand(request.args, now=backend.now()).query

    def make() -> Json:
        page = backend.audit.find(query)
        whole = query.cursor is None and page.next is None
        made: Json = {
            "items": [audit.shown(entry) for entry in page.items],
            "next": None if page.next is None else str(page.next),
            "total": len(page.items) if whole else None,
            "total_at_least": len(page.items),
        }
        if page.searched_back_to is not None:
            made["searched_back_to"] = iso(page.searched_back_to)
        return made

    return answers.unless_known(backend, make)
