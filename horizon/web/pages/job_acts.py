"""Acts on one job that need an answer first: when, and to which queue. Each is a page, or a dialog over the job's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import request, url_for
from werkzeug.wrappers import Response

from horizon.backends.values import Acted, ActParams, Verb
from horizon.control.jobs import JobControl
from horizon.control.verbs import RULES
from horizon.core.clock import HOUR, Micros, from_datetime
from horizon.core.dead import is_dead
from horizon.core.errors import BackendUnavailable, HorizonError, InvalidOption
from horizon.core.query import Selection
from horizon.core.record import Record
from horizon.security.permissions import require
from horizon.web import render, text, words
from horizon.web.pages import frame, job_found
from horizon.web.render import Toast
from horizon.web.state import state_of
from horizon.web.viewer import find_zone

QUEUES = 200
"""Names offered; any other can be typed."""


def reschedule(id: str) -> Response:
    """GET, POST /jobs/ID/reschedule: wait until then; a job that has ended is retried then."""
    return _answer(id, _when_form, _when)


def move(id: str) -> Response:
    """GET, POST /jobs/ID/move"""
    return _answer(id, _where_form, _where)


def _answer(id: str, ask: Callable[[Record, str], Response], act: Callable[[Record], Response]) -> Response:
    require(frame.actor(), RULES[Verb.RESCHEDULE].ability)
    record = job_found.find(frame.store(), id)
    if request.method == "GET":
        return ask(record, "")
    try:
        return act(record)
    except BackendUnavailable:
        raise
    except HorizonError as error:
        return ask(record, str(error))


# when ---------------------------------------------------------------------------------------------


def _when_form(record: Record, wrong: str) -> Response:
    looks, now = render.viewer(), frame.store().now()
    waits = record.state in ("scheduled", "retrying") and record.available_at is not None
    due = record.available_at if waits and record.available_at and record.available_at > now else now + HOUR
    given = request.form.get("at") or local_text(due, looks.zone_name)
    zone = request.form.get("zone") or looks.zone_name
    return _asked("job/when.html", record, wrong, at_text=given, zone=zone, over=record.state.terminal)


def _when(record: Record) -> Response:
    zone = request.form.get("zone", "")
    at = moment(request.form.get("at", ""), zone)
    if at < frame.store().now():
        otherwise = "Retry" if record.state.terminal else "Run now"
        raise InvalidOption(f"This moment lies in the past. Choose one to come, or {otherwise} to start the job at once.")
    verb = Verb.RETRY if record.state.terminal else Verb.RESCHEDULE
    told = words.exact(at, find_zone(zone) or render.viewer().zone)
    done = "Will retry" if verb is Verb.RETRY else "Rescheduled"
    return _acted(record, verb, ActParams(at=at), f"{done} {_name(record)} {'at' if verb is Verb.RETRY else 'to'} {told}")


def moment(given: str, zone_name: str) -> Micros:
    """The moment that this time of day is in this zone. Raises InvalidOption."""
    zone = find_zone(zone_name)
    if zone is None:
        raise InvalidOption(f"{zone_name[:60]!r} is no time zone that this server knows")
    try:
        wall = datetime.fromisoformat(given.strip())
        return from_datetime(wall if wall.tzinfo is not None else wall.replace(tzinfo=zone))
    except (ValueError, OverflowError):
        raise InvalidOption(f"a date and time are needed, such as 2026-11-22T14:00; got {given[:60]!r}") from None


def local_text(at: Micros, zone_name: str) -> str:
    """The moment as a browser's field for date and time holds it, to the minute."""
    zone = find_zone(zone_name)
    return f"{words.local(at, zone or render.viewer().zone):%Y-%m-%dT%H:%M}"


# where --------------------------------------------------------------------------------------------


def _where_form(record: Record, wrong: str) -> Response:
    names = [one.name for one in frame.store().queues.all() if one.name != record.queue and not is_dead(one.name)][:QUEUES]
    return _asked("job/where.html", record, wrong, queues=names, given=request.form.get("queue", ""))


def _where(record: Record) -> Response:
    queue = request.form.get("queue", "").strip()
    return _acted(record, Verb.MOVE, ActParams(queue=queue), f"Moved {_name(record)} to {queue}")


# both ---------------------------------------------------------------------------------------------


def _acted(record: Record, verb: Verb, params: ActParams, told: str) -> Response:
    said = JobControl(state_of().runtime).act(frame.actor(), verb, Selection(ids=(record.id,)), params, record.connection)
    if isinstance(said, Acted) and not said.done:
        reason = said.skipped[0][1] if said.skipped else "there is no such job"
        return render.acted(Toast(text=f"Nothing was changed: {reason}", wrong=True), _back(record))
    return render.acted(Toast(text=told), _back(record))


def _asked(template: str, record: Record, wrong: str, **more: object) -> Response:
    return render.asked(template, job=record, wrong=wrong, back=_back(record), **more, **frame.standing())


def _back(record: Record) -> str:
    return url_for("horizon.job", id=record.id, connection=frame.connection())


def _name(record: Record) -> str:
    return text.plain(text.short_name(record.name), 60)
