"""A list of jobs as a file, with the filters of its page: every job that matches, not only those on the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask import request
from werkzeug.wrappers import Response

from horizon.core.clock import iso
from horizon.core.query import MAX_LIMIT
from horizon.core.record import Record
from horizon.core.states import JobState
from horizon.web import export, filters, sight
from horizon.web.api.shapes import seconds
from horizon.web.pages import frame, listing
from horizon.web.render import viewer


def of_all() -> Response:
    """GET /jobs/export"""
    return _file("jobs", ())


def of_failed() -> Response:
    """GET /failed/export"""
    return _file("failed", (JobState.FAILED,))


def _file(name: str, fixed: tuple[JobState, ...]) -> Response:
    store = frame.store()
    asked = filters.understand(request.args, now=store.now(), zone=viewer().zone).query
    query = replace(asked, states=fixed or asked.states, cursor=None, limit=MAX_LIMIT)

    def read(cursor: str | None) -> tuple[Sequence[Record], str | None]:
        page = store.find(replace(query, cursor=cursor))
        return page.items, page.next

    sees = sight.looker()
    rows = (row(sees(record.name).record(record)) for record in export.paged(read))
    return listing.taken(name, tuple(row(EXAMPLE)), rows)


def row(record: Record) -> dict[str, object]:
    """One job, flat, without its arguments and its result."""
    return {
        "id": record.id,
        "name": record.name,
        "state": record.state.value,
        "queue": record.queue,
        "connection": record.connection,
        "priority": record.priority,
        "attempts": record.attempts,
        "max_tries": record.max_tries,
        "tags": list(record.tags),
        "user": record.user,
        "created_at": iso(record.created_at),
        "available_at": iso(record.available_at),
        "started_at": iso(record.started_at),
        "finished_at": iso(record.finished_at),
        "wait": seconds(record.wait),
        "runtime": seconds(record.runtime),
        "memory_kb": record.memory_kb,
        "worker": record.worker,
        "error_type": record.error.type if record.error else None,
        "error_message": record.error.message if record.error else None,
        "cause": record.error.cause if record.error else None,
        "reason": record.reason,
    }


EXAMPLE = Record(
    id="", n=0, name="", queue="", connection="", state=JobState.PENDING, priority=0, created_at=0, available_at=None, started_at=None,
    finished_at=None, attempts=0, max_tries=None, timeout=None,
)  # fmt: skip
"""Only its keys are wanted: the columns of a CSV file."""
