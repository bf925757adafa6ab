"""Two runs side by side: two attempts of a job, or two jobs. `?a=ID&b=ID`; an id may be followed by `:N`, the attempt.

In place of the second, `before` means the attempt before that one, and `completed` the latest job of the class that did.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from horizon.core.errors import InvalidInput, NotFound
from horizon.core.ids import is_id
from horizon.core.outcome import Failure
from horizon.core.query import JobQuery
from horizon.core.record import Attempt, Record
from horizon.core.states import JobState
from horizon.jobs.codec import readable
from horizon.security.payloads import Sight
from horizon.web import live, render, sight, words
from horizon.web.draw import compare
from horizon.web.draw.compare import Row
from horizon.web.i18n import words as told
from horizon.web.pages import frame, job

BEFORE, COMPLETED = "before", "completed"
LINES = 150
"""The latest ones of each log are compared."""
LINE = 240
"""Characters of one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """One run, as whoever looks sees it."""

    record: Record
    attempt: Attempt | None
    seen: Sight

    @property
    def last(self) -> bool:
        """Whether it is the latest run of its job."""
        return self.attempt is None or self.attempt is self.record.history[-1]

    @property
    def error(self) -> Failure | None:
        """What it raised."""
        return job.error_of(self.record, self.attempt)

    @property
    def ref(self) -> str:
        """As the address names it."""
        return self.record.id if self.attempt is None else f"{self.record.id}:{self.attempt.number}"

    @property
    def lines(self) -> list[str]:
        """The latest of its log, without times, which always differ."""
        logs = self.attempt.logs[-LINES:] if self.attempt else ()
        return [f"{line.level[:12]} {self.seen.text(line.message)[:LINE]}" for line in logs]


def show() -> Response:
    """GET /compare"""
    a, b = _asked()
    left = _side(a)
    if b in (BEFORE, COMPLETED):
        to = _before(left) if b == BEFORE else _completed(left)
        return redirect(url_for("horizon.compare", a=left.ref, b=to, connection=frame.connection()), 302)
    right = _side(b)
    return render.page("job/compare.html", shell="page", left=left, right=right, **_told(left, right), **frame.standing())


def _asked() -> tuple[str, str]:
    """What the address names. Raises InvalidInput."""
    a, b = request.args.get("a", ""), request.args.get("b", "")
    if not a or not b:
        raise InvalidInput("two runs are compared: ?a=ID&b=ID, each with :N behind it for one of its attempts")
    return a, b


def of_ticked() -> Response:
    """`do=compare` of POST /jobs/act: on to the page that compares the two jobs ticked in a list, the later one second."""
    listed = live.unpack(request.form.get("rows", ""))
    ticked = request.form.getlist("id")
    ids = [listed[int(one)] if one.isascii() and one.isdecimal() and len(one) < 4 and int(one) < len(listed) else one for one in ticked]
    if len(ids) != 2:
        raise InvalidInput(
            f"Two jobs can be compared, and {words.plural(len(ids), 'job')} of this page {'is' if len(ids) == 1 else 'are'} selected."
        )
    to = url_for("horizon.compare", a=ids[1], b=ids[0], connection=request.form.get("connection") or None)
    if request.headers.get("HX-Request") != "true":
        return redirect(to, 303)
    response = make_response("", 204)
    response.headers["HX-Redirect"] = to
    return response


def _side(ref: str) -> Side:
    id, _, number = ref.partition(":")
    record = frame.store().get(id) if is_id(id) else None
    if record is None:
        raise NotFound(f"there is no job {id[:40]!r}; it may have been removed after the time it was to be kept")
    seen = sight.of(record.name)
    record = seen.record(record)
    attempt = job.chosen(record, number)
    if number and (attempt is None or str(attempt.number) != number):
        raise NotFound(f"the job {id} has no attempt {number[:9]}")
    return Side(record=record, attempt=attempt, seen=seen)


def _before(side: Side) -> str:
    number = side.attempt.number if side.attempt else 0
    earlier = [one.number for one in side.record.history if one.number < number]
    if not earlier:
        raise NotFound("there is no attempt before this one")
    return f"{side.record.id}:{earlier[-1]}"


def _completed(side: Side) -> str:
    found = frame.store().find(JobQuery(name=side.record.name, states=(JobState.COMPLETED,), limit=2)).items
    other = next((one for one in found if one.id != side.record.id), None)
    if other is None:
        raise NotFound(f"no other job of the class {side.record.name[:200]!r} that has completed is kept")
    return other.id


def _told(left: Side, right: Side) -> dict[str, Any]:
    here, there = (side.seen.data(readable(side.record.payload)) for side in (left, right))
    facts = _facts(left, right)
    rows = compare.arguments(here, there)
    errors = (left.error, right.error)
    return {
        "facts": [row for row in facts if not row.same],
        "alike": [row for row in facts if row.same],
        "rows": [row for row in rows if not row.same],
        "equal": [row for row in rows if row.same],
        "whole": compare.whole(here) and compare.whole(there),
        "errors": errors,
        "one_cause": None not in errors and bool(errors[0] and errors[1] and errors[0].cause and errors[0].cause == errors[1].cause),
        "logs": compare.logs(left.lines, right.lines),
        "cut": max(len(side.attempt.logs) if side.attempt else 0 for side in (left, right)) > LINES,
    }


def _facts(left: Side, right: Side) -> list[Row]:
    return [
        Row(name=name, left=one, right=other)
        for (name, one), (_, other) in zip(_of(left), _of(right), strict=True)
        if one is not None or other is not None
    ]


def _of(side: Side) -> list[tuple[str, str | None]]:
    record, run = side.record, side.attempt
    looks = render.viewer()
    zone = looks.zone
    host = (run.worker if run else record.worker) or ""
    return [
        ("Class", record.name),
        ("Outcome", run.outcome if run else record.state.value),
        ("Attempt", str(run.number) if run else None),
        ("Began", told.date(words.exact(run.started_at, zone), looks.language) if run and run.started_at else None),
        ("Waited", None if record.wait is None or not side.last else words.duration(record.wait)),
        ("Ran", _ran(side)),
        ("Memory", None if run is None or run.memory_kb is None else words.size(run.memory_kb)),
        ("Host", host.partition(":")[0] or None),
        ("Worker", host or None),
        ("Code", record.code_version),
        ("Queue", record.queue),
        ("Priority", str(record.priority)),
        ("Tries allowed", None if record.max_tries is None else str(record.max_tries)),
        ("Timeout", None if record.timeout is None else words.duration(record.timeout)),
        ("Tags", ", ".join(record.tags) or None),
        ("User", record.user),
        ("Tenant", record.tenant),
        ("Connection", record.connection),
    ]


def _ran(side: Side) -> str | None:
    run, record = side.attempt, side.record
    if side.last and record.runtime is not None:
        return words.duration(record.runtime)
    if run is None or run.started_at is None:
        return None
    return words.duration((run.finished_at or frame.store().now()) - run.started_at)
