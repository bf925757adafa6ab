"""What the form about a worker's size posts to `/workers/scale`: `worker`, `processes` (a number; empty: as it was started) and
`for` (`1h`; empty: until somebody takes it back)."""

from __future__ import annotations

from flask import request, url_for
from werkzeug.wrappers import Response

from horizon.control.acting import backend_of
from horizon.control.processes import ProcessControl
from horizon.core.clock import Micros
from horizon.core.errors import InvalidFilter, InvalidInput
from horizon.core.scaling import Scale
from horizon.web import render, search, words
from horizon.web.auth import current_actor
from horizon.web.pages.answering import answered
from horizon.web.render import Toast
from horizon.web.state import state_of
from horizon.web.words import plural


def on_size() -> Response:
    """POST /workers/scale"""
    return answered(_act)


def _act() -> Response:
    runtime, id = state_of().runtime, request.form.get("worker", "")
    connection = request.form.get("connection") or None
    to, until = _number(request.form.get("processes", "").strip()), _until(backend_of(runtime, connection).now())
    said = ProcessControl(runtime).scale(current_actor(), id, to, until=until if to is not None else None, connection=connection)
    return render.acted(told(said), render.safe_back(request.form.get("back"), url_for("horizon.worker", id=id)))


def _number(text: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 6:
        raise InvalidInput(f"a number of processes is a whole number; got {text[:40]!r}")
    return int(text)


def _until(now: Micros) -> Micros | None:
    later = request.form.get("for", "").strip()
    if not later:
        return None
    try:
        return now + search.duration(later, "for", "for=1h")
    except InvalidFilter:
        raise InvalidInput(f"how long is written as 30m, 2h or 1d; got {later[:40]!r}") from None


def told(said: Scale | None) -> Toast:
    """The toast after it."""
    if said is None:
        return Toast(text="Asked it to go back to the processes it was started with")
    many = plural(said.to, "process", "processes")
    if said.until is None:
        return Toast(text=f"Asked it to have {many} from now on")
    return Toast(text=f"Asked it to have {many} until {words.exact(said.until, render.viewer().zone)}")
