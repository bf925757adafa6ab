"""What failed for good: job by job, or by cause."""

from __future__ import annotations

from collections.abc import Mapping
from weakref import WeakKeyDictionary

from flask import request, url_for
from werkzeug.wrappers import Response

from horizon.backends.base import Backend
from horizon.backends.spread import Spread
from horizon.control import failures
from horizon.control.acting import backend_of
from horizon.control.failures import resolutions
from horizon.core.clock import DAY, HOUR, Micros, monotonic
from horizon.core.states import JobState
from horizon.monitor.causes import group
from horizon.web import render, sight
from horizon.web.draw import chart
from horizon.web.pages import frame, jobs
from horizon.web.pages.answering import answered
from horizon.web.render import Toast
from horizon.web.state import state_of

CAUSES = 20
SPANS = 20
"""Points of a trend."""
SINCE = 30 * DAY
KEPT = 5.0
"""Seconds that trends are good for: they look at 5,000 rows, and a page asks every two seconds."""
RANGES = {"1h": HOUR, "24h": DAY, "7d": 7 * DAY, "30d": SINCE}


def show() -> Response:
    """GET /failed"""
    if request.args.get("view") == "causes":
        return _by_cause()
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


def _by_cause() -> Response:
    standing, store = frame.standing(), frame.store()
    now = store.now()
    given = request.args.get("after", "")
    within = given if given in RANGES else "30d"
    since = now - RANGES[within]
    found = sight.causes(store.causes(since, CAUSES))
    shown = backend_of(state_of().runtime, frame.connection())
    spread = _spread(shown, within, since, now) if found else {}
    said = resolutions(store) if found else {}
    groups = {one.cause: group(one, spread.get(one.cause), said.get(one.cause)) for one in found}
    return render.page(
        "failed/causes.html", at=now, view="causes", causes=found, groups=groups, spread=spread, chart=chart, within=within, ranges=RANGES,
        **standing,
    )  # fmt: skip


def resolve() -> Response:
    """POST /failed/resolve"""
    return answered(_resolve)


def _resolve() -> Response:
    cause = request.form.get("cause", "")
    failures.resolve(backend_of(state_of().runtime, request.form.get("connection") or None), frame.actor(), cause)
    told = "Marked as resolved. Should it come again, it is unresolved again by itself"
    return render.acted(Toast(text=told), render.safe_back(request.form.get("back"), url_for("horizon.failed", view="causes")))


_kept: WeakKeyDictionary[Backend, dict[str, tuple[float, Mapping[str, Spread]]]] = WeakKeyDictionary()


def _spread(store: Backend, within: str, since: Micros, now: Micros) -> Mapping[str, Spread]:
    """How causes spread over that time, as of a moment ago: viewers share it."""
    kept = _kept.setdefault(store, {})
    at, found = kept.get(within, (-KEPT, {}))
    if monotonic() - at >= KEPT:
        found = store.spread(since, now, SPANS)
        kept[within] = (monotonic(), found)
    return found
