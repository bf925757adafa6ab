"""What was removed, the watched tags and the alerts, as files."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request
from werkzeug.wrappers import Response

from horizon.core.clock import Micros, iso
from horizon.core.query import MAX_LIMIT
from horizon.core.record import Record
from horizon.core.states import JobState
from horizon.web import export, render, sight
from horizon.web.api import alerts as api
from horizon.web.lists import REMOVED, WATCHED
from horizon.web.pages import alerts as alert_page
from horizon.web.pages import export_jobs, frame, listing, monitoring
from horizon.web.search import Moment

ALERT = (
    "id", "severity", "state", "title", "text", "todo", "rule", "connection", "count", "first_at", "last_at", "acknowledged_at", "acknowledged_by",
    "snoozed_until", "snoozed_by", "note", "resolved_at", "resolved_by",
)  # fmt: skip
"""Columns of the file of alerts."""
Place = tuple[Micros, int]


def removed() -> Response:
    """GET /export/removed: every job that can still be brought back and fits, the latest to be forgotten first; `format` is `csv` or `json`.

    Raises InvalidFilter.
    """
    store, sees = frame.store(), sight.looker()
    asked = REMOVED.understand(request.args, Moment(now=store.now(), zone=render.viewer().zone))

    def read(before: Place | None) -> tuple[Sequence[tuple[Micros, Record]], Place | None]:
        found = store.hidden(before=before, limit=MAX_LIMIT)
        return found, (found[-1][0], found[-1][1].n) if len(found) == MAX_LIMIT else None

    rows = (
        {"removed_at": iso(row[0]), **export_jobs.row(sees(row[1].name).record(row[1]))} for row in export.paged(read) if asked.of([row])
    )
    return listing.taken("removed", ("removed_at", *export_jobs.row(export_jobs.EXAMPLE)), rows)


def watched() -> Response:
    """GET /export/monitoring: the watched tags that the filters name, with their counts; `format` is `csv` or `json`. Raises InvalidFilter."""
    rows, _, _ = monitoring.board(frame.store())
    shown = [
        {
            "tag": one.watched.tag, "watched_by": one.watched.by, "watched_since": iso(one.watched.at), "total": one.count.total, "whole": one.count.whole,
            **{state.value: one.count.states.get(state, 0) for state in JobState},
        }
        for one in WATCHED.understand(request.args).of(rows)
    ]  # fmt: skip
    return listing.taken(
        "monitoring", ("tag", "watched_by", "watched_since", *(state.value for state in JobState), "total", "whole"), shown
    )


def alerts() -> Response:
    """GET /export/alerts: those that the filters name, active ones or, with `view=past`, past ones; `format` is `csv` or `json`.

    Raises InvalidFilter.
    """
    now = frame.stores().backend().now()
    found = alert_page.chosen(request.args)
    return listing.taken("alerts", ALERT, [{name: value for name, value in api.alert(one, now).items() if name in ALERT} for one in found])
