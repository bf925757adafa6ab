"""Causes of failure: which there are and how they stand, one of them, what somebody says of it; and why a job stands as it does."""

from __future__ import annotations

from datetime import UTC

from flask import jsonify, request
from werkzeug.wrappers import Response

from horizon.backends.base import Backend
from horizon.control.acting import backend_of
from horizon.control.causes import CauseControl
from horizon.control.verbs import unknown
from horizon.core.clock import DAY, HOUR, Micros, iso
from horizon.core.errors import InvalidFilter, InvalidOption
from horizon.monitor import cause as looking
from horizon.monitor import gathering
from horizon.monitor.cause import OneCause
from horizon.monitor.causes import FailureGroup
from horizon.monitor.triage import Act, CauseState, Said, Word
from horizon.monitor.why.facts import Point
from horizon.web import sight
from horizon.web.api import answers, jobs
from horizon.web.api.body import Body
from horizon.web.api.shapes import Json
from horizon.web.auth import current_actor
from horizon.web.pages.job_why import every
from horizon.web.state import state_of
from horizon.web.words import exact, past, relative

RANGES: dict[str, Micros] = {"1h": HOUR, "24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY}
LATEST = 20
"""Ids of jobs that are named of one cause."""


def list_causes() -> Response:
    """`GET /api/causes`: of the past 30 days, or of `after`; `state` and `sort` as on the page."""
    backend = _backend()
    within, state = _range(), _state()
    sort = request.args.get("sort", "count")
    if sort not in gathering.SORTS:
        raise InvalidFilter(f"causes are sorted by {', '.join(gathering.SORTS)}; got {sort[:40]!r}")
    return answers.unless_known(backend, lambda: listed(_found(backend, within, state, sort)))


def _found(backend: Backend, within: Micros, state: CauseState | None, sort: str) -> list[FailureGroup]:
    now = backend.now()
    rows = gathering.causes(state_of().runtime, backend, now - within, now, seen=sight.causes)
    return sorted((one for one in rows if state in (None, one.state)), key=gathering.SORTS[sort])


def show_cause(cause: str) -> Response:
    """`GET /api/causes/CAUSE`"""
    backend = _backend()
    return answers.unless_known(
        backend, lambda: whole(looking.look(state_of().runtime, backend, cause, backend.now(), seen=sight.causes))
    )  # fmt: skip


def control() -> Response:
    """`POST /api/causes/control`: say something of a cause."""
    body = Body.read(("action", "cause", "note", "until", "more"))
    word, cause, note = body.text("action"), body.text("cause"), body.text("note")
    if word not in tuple(Word):
        raise unknown(word, list(Word))
    if cause is None:
        raise InvalidOption(f"{word} needs cause: the fingerprint, as `GET causes` tells it")
    causes, actor = CauseControl(state_of().runtime), current_actor()
    if word == Word.SNOOZE:
        found = causes.snooze(actor, cause, until=body.moment("until"), more=body.integer("more"), note=note)
    else:
        acts = {Word.RESOLVE: causes.resolve, Word.MUTE: causes.mute, Word.REOPEN: causes.reopen}
        found = acts[Word(word)](actor, cause, note)
    return jsonify({"cause": cause, "said": [act_of(act) for act in found.history]})


def show_why(id: str) -> Response:
    """`GET /api/jobs/ID/why`: the list of questions and answers on its page."""
    record, state = jobs.find(id), state_of()
    backend = backend_of(state.runtime, record.connection)
    now = backend.now()
    found = every(state.runtime, record, state.stats.overview(), now)
    return answers.unless_same({"id": record.id, "state": record.state.value, "points": [point(one, now) for one in found]})


def _backend() -> Backend:
    return backend_of(state_of().runtime, request.args.get("connection") or None)


def _range() -> Micros:
    given = request.args.get("after", "30d")
    if given not in RANGES:
        raise InvalidFilter(f"after is one of {', '.join(RANGES)}; got {given[:40]!r}")
    return RANGES[given]


def _state() -> CauseState | None:
    given = request.args.get("state", "")
    if given and given not in tuple(CauseState):
        raise InvalidFilter(f"a cause is {', '.join(CauseState)}; got {given[:40]!r}")
    return CauseState(given) if given else None


# shapes ---------------------------------------------------------------------------------------------


def listed(rows: list[FailureGroup]) -> Json:
    """Causes, as a page of them."""
    return {"items": [cause_of(one) for one in rows], "next": None, "total": len(rows), "total_at_least": len(rows)}


def cause_of(one: FailureGroup) -> Json:
    """One of a list."""
    return {
        "cause": one.cause,
        "type": one.type,
        "message": one.message,
        "name": one.name,
        "count": one.count,
        "total": one.total,
        "total_is_more": one.more,
        "first_at": iso(one.first_at),
        "last_at": iso(one.last_at),
        "suggestion": one.suggestion,
        "state": one.state.value,
        "trend": list(one.trend),
        "classes": dict(one.by_class),
        "queues": dict(one.by_queue),
        "hosts": dict(one.by_host),
        "versions": dict(one.by_version),
        "said": _said(one.said),
    }


def whole(found: OneCause) -> Json:
    """One of them, with where it began, what its failures have in common, and its latest jobs."""
    first, again = found.first, found.again
    return {
        **cause_of(found.group),
        "began_in": first.code_version if first is not None else None,
        "seen_again_in": again.code_version if again is not None else None,
        "alike": [{"what": one.what, "value": one.value} for one in found.alike],
        "jobs": [record.id for record in found.latest[:LATEST]],
    }


def _said(said: Said | None) -> list[Json]:
    return [] if said is None else [act_of(act) for act in said.history]


def act_of(act: Act) -> Json:
    """What somebody said of a cause."""
    return {"action": act.word, "at": iso(act.at), "by": act.by, "note": act.note, "until": iso(act.until), "more": act.more}


def point(one: Point, now: Micros) -> Json:
    """One point of the list of a job."""
    return {
        "key": one.key,
        "mark": one.mark.value,
        "text": said_of(one, now),
        "at": iso(one.at),
        "about": None if one.link is None else {"kind": one.link.kind, "name": one.link.name},
        "command": one.command or None,
    }


def said_of(one: Point, now: Micros) -> str:
    """Its words, with times in UTC."""
    if one.at is None:
        return one.text
    when = (relative if one.may_lie_ahead else past)(one.at, now)
    return one.text.replace("{when}", when).replace("{then}", exact(one.at, UTC))
