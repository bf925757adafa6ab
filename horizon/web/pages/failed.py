"""What failed for good: job by job, by cause, and what was set aside."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from horizon.core.states import JobState
from horizon.web import render
from horizon.web.pages import causes, frame, jobs


def show() -> Response:
    """GET /failed"""
    if request.args.get("view") == "causes":
        return causes.show()
    if request.args.get("view") == "dead":
        return _dead()
    standing = frame.standing()
    listing = jobs.read_list(frame.store(), (JobState.FAILED,))
    return render.page("failed/page.html", view="jobs", **listing, **standing)


def _dead() -> Response:
    """The queues that have set jobs aside."""
    standing = frame.standing()
    rows = [row for row in standing["figures"].queues if row.dead and frame.connection() in (None, row.connection)]
    return render.page("failed/dead.html", at=standing["figures"].at, view="dead", rows=rows, **standing)
