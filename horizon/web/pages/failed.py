"""What failed for good: job by job, or by cause."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from horizon.core.clock import DAY, HOUR
from horizon.core.states import JobState
from horizon.web import render
from horizon.web.draw import chart
from horizon.web.pages import frame, jobs

CAUSES = 50
SINCE = 30 * DAY
RANGES = {"1h": HOUR, "24h": DAY, "7d": 7 * DAY, "30d": SINCE}


def show() -> Response:
    """GET /failed"""
    if request.args.get("view") == "causes":
        return _by_cause()
    standing = frame.standing()
    listing = jobs.read_list(frame.store(), (JobState.FAILED,))
    return render.page("failed/page.html", view="jobs", **listing, **standing)


def _by_cause() -> Response:
    standing, store = frame.standing(), frame.store()
    now = store.now()
    given = request.args.get("after", "")
    within = given if given in RANGES else "30d"
    since = now - RANGES[within]
    found = store.causes(since, CAUSES)
    spread = store.spread(since, now) if found else {}
    return render.page(
        "failed/causes.html", at=now, view="causes", causes=found, spread=spread, chart=chart, within=within, ranges=RANGES, **standing
    )
