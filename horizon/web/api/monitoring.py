"""Watched tags: how many jobs carry each; watch one more, or stop."""

from __future__ import annotations

from flask import jsonify, request
from werkzeug.wrappers import Response

from horizon.control.acting import backend_of
from horizon.control.verbs import unknown
from horizon.control.watching import WatchControl
from horizon.core.clock import iso
from horizon.core.errors import InvalidOption
from horizon.core.query import JobQuery
from horizon.core.states import JobState
from horizon.monitor.tags import WatchedTag, suggestions, watched_tags
from horizon.web.api import answers
from horizon.web.api.body import Body
from horizon.web.api.shapes import Json
from horizon.web.auth import current_actor
from horizon.web.lexicon import LATEST
from horizon.web.lists import WATCHED
from horizon.web.state import state_of

WATCH, STOP = ACTIONS = ("watch", "stop")


def list_watched() -> Response:
    """`GET /api/monitoring`: the watched tags that `q` and `state` name, with their counts, and tags that could be watched."""
    connection = request.args.get("connection") or None
    state = state_of()
    store = backend_of(state.runtime, connection)
    watched = WatchControl(state.runtime).list()
    counts = state.tallies.of(connection or "", [one.tag for one in watched], store.tags.counts, store.now())
    often = suggestions(store.find(JobQuery(limit=LATEST)).items, [one.tag for one in watched])
    items = [shape(row) for row in WATCHED.understand(request.args).of(watched_tags(watched, counts))]
    page = {"items": items, "next": None, "total": len(items), "total_at_least": len(items)}
    return answers.unless_same({**page, "frequent": [{"tag": tag, "jobs": times} for tag, times in often]})


def control() -> Response:
    """`POST /api/monitoring`: `{"action": "watch", "tag": "tenant:7"}`."""
    body = Body.read(("action", "tag"))
    action, tag = body.fields.get("action"), body.text("tag")
    if action not in ACTIONS:
        raise unknown(action, list(ACTIONS))
    if tag is None:
        raise InvalidOption(f"{action} needs tag: the tag that is meant")
    watching = WatchControl(state_of().runtime)
    if action == WATCH:
        return jsonify({"action": action, "tag": tag, "done": watching.watch(current_actor(), tag)})
    watching.stop(current_actor(), tag)
    return jsonify({"action": action, "tag": tag, "done": True})


def shape(row: WatchedTag) -> Json:
    """One watched tag as the API shows it."""
    return {
        "tag": row.watched.tag, "by": row.watched.by, "since": iso(row.watched.at), "jobs": row.count.total, "whole": row.count.whole,
        "counts": {state.value: row.count.states.get(state, 0) for state in JobState}, "hours": list(row.count.hours),
    }  # fmt: skip
