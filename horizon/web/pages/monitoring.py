"""Watched tags with their counts, and the jobs of one tag."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response

from horizon.backends.base import Backend
from horizon.backends.tags import DEEP, TagCount
from horizon.control.watching import MOST, WatchControl
from horizon.core.errors import InvalidInput
from horizon.core.query import JobQuery
from horizon.core.states import JobState
from horizon.monitor.tags import WatchedTag, suggestions, watched_tags
from horizon.web import filters, render
from horizon.web.draw import chart
from horizon.web.lexicon import LATEST
from horizon.web.lists import WATCHED
from horizon.web.pages import frame, jobs, listing, noted
from horizon.web.pages.answering import answered
from horizon.web.render import Toast
from horizon.web.state import state_of

COLUMNS: tuple[tuple[str, tuple[JobState, ...]], ...] = (
    ("Waiting", (JobState.PENDING, JobState.SCHEDULED, JobState.RETRYING, JobState.BLOCKED)),
    ("Running", (JobState.PROCESSING,)),
    ("Completed", (JobState.COMPLETED,)),
    ("Failed", (JobState.FAILED,)),
    ("Cancelled", (JobState.CANCELLED,)),
)


def show() -> Response:
    """GET /monitoring"""
    store = frame.store()
    rows, often, unknown = board(store)
    fit, narrowed = listing.narrowed(WATCHED, rows)
    around: dict[str, Any] = {**narrowed, **frame.standing()}
    return render.page(
        "monitoring/page.html", at=store.now(), rows=fit, known=len(rows), often=often, latest=LATEST, deep=DEEP, most=MOST, columns=COLUMNS, chart=chart,
        sum_of=sum_of, unknown=unknown, **around,
    )  # fmt: skip


def board(store: Backend) -> tuple[list[WatchedTag], list[tuple[str, int]], bool]:
    """(watched tags with their counts, tags that could be watched, whether nobody can say what is watched)."""
    kept = noted.watched(frame.stores())
    watched = kept or []
    counts = counted(store, [one.tag for one in watched])
    often = suggestions(store.find(JobQuery(limit=LATEST)).items, [one.tag for one in watched])
    return watched_tags(watched, counts), often, kept is None


def counted(store: Backend, tags: list[str]) -> list[TagCount]:
    """How many jobs carry each of these, on the connection of the address."""
    return list(state_of().tallies.of(frame.connection() or "", tags, store.tags.counts, store.now()))


def sum_of(count: TagCount, states: tuple[JobState, ...]) -> int:
    """How many of them are in one of these states."""
    return sum(count.states.get(state, 0) for state in states)


def of_tag() -> Response:
    """GET /monitoring/jobs?tag=...: the jobs that carry one tag."""
    tag = request.args.get("tag", "")
    if not tag:
        raise InvalidInput("name the tag whose jobs are meant: /monitoring/jobs?tag=mail")
    store = frame.store()
    listing = jobs.read_list(store, ())
    (count,) = store.tags.counts((tag,), store.now()) if not tag.endswith("*") else (None,)
    watched = any(one.tag == tag for one in noted.watched(frame.stores()) or ())
    tabs = filters.tabs(count.states if count else {})
    return render.page(
        "monitoring/tag.html", label=tag, count=count, watched=watched, tabs=tabs, chart=chart, deep=DEEP, **listing, **frame.standing()
    )


def act() -> Response:
    """POST /monitoring/act: `do` = watch or stop, and a `tag`."""
    return answered(_act)


def _act() -> Response:
    verb, _, named = request.form.get("do", "").partition(":")
    tag = (named or request.form.get("tag", "")).strip()
    if verb not in VERBS:
        raise InvalidInput(f"a tag takes {', '.join(VERBS)}; got {verb[:40]!r}")
    return render.acted(Toast(text=VERBS[verb](tag)), render.safe_back(request.form.get("back"), url_for("horizon.monitoring")))


def _watch(tag: str) -> str:
    new = WatchControl(frame.stores()).watch(frame.actor(), tag)
    return f"Watching {tag}" if new else f"{tag} is watched already"


def _stop(tag: str) -> str:
    WatchControl(frame.stores()).stop(frame.actor(), tag)
    return f"{tag} is not watched any more; its jobs stay as they are"


VERBS: Mapping[str, Any] = {"watch": _watch, "stop": _stop}
