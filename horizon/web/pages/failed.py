"""What failed for good: job by job, or by cause."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from horizon.core.clock import DAY
from horizon.core.states import JobState
from horizon.web import render
from horizon.web.pages import frame, jobs

CAUSES = 50
SINCE = 30 * DAY


def show() -> Response:
    """GET /failed"""
    if request.args.get("view") == "causes":
        return _by_cause()
    standing = frame.standing()
    listing = jobs.read_list(frame.store(), (JobState.FAILED,))
    return render.page("failed/page.html", view="jobs", **listing, **standing)


def _by_cause() -> Response:
    standing = frame.standing()
    store = frame.store()
    now = store.now()
    return render.page("failed/causes.html", at=now, view="causes", causes=store.causes(now - SINCE, CAUSES), **standing)
