"""What was removed, and the watched tags, as files."""

from __future__ import annotations

from collections.abc import Sequence

from werkzeug.wrappers import Response

from horizon.core.clock import Micros, iso
from horizon.core.query import MAX_LIMIT
from horizon.core.record import Record
from horizon.core.states import JobState
from horizon.web import export, sight
from horizon.web.pages import export_jobs, frame, listing, monitoring

Place = tuple[Micros, int]


def removed() -> Response:
    """GET /export/removed: every job that can still be brought back, the latest to be forgotten first; `format` is `csv` or `json`."""
    store, sees = frame.store(), sight.looker()

    def read(before: Place | None) -> tuple[Sequence[tuple[Micros, Record]], Place | None]:
        found = store.hidden(before=before, limit=MAX_LIMIT)
        return found, (found[-1][0], found[-1][1].n) if len(found) == MAX_LIMIT else None

    rows = ({"removed_at": iso(at), **export_jobs.row(sees(one.name).record(one))} for at, one in export.paged(read))
    return listing.taken("removed", ("removed_at", *export_jobs.row(export_jobs.EXAMPLE)), rows)


def watched() -> Response:
    """GET /export/monitoring: the watched tags with their counts; `format` is `csv` or `json`."""
    rows, _, _ = monitoring.board(frame.store())
    shown = [
        {
            "tag": one.watched.tag, "watched_by": one.watched.by, "watched_since": iso(one.watched.at), "total": one.count.total, "whole": one.count.whole,
            **{state.value: one.count.states.get(state, 0) for state in JobState},
        }
        for one in rows
    ]  # fmt: skip
    return listing.taken(
        "monitoring", ("tag", "watched_by", "watched_since", *(state.value for state in JobState), "total", "whole"), shown
    )
