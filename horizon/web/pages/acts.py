"""What the forms of the pages post: each is read, put to control, and told about in a toast."""

from __future__ import annotations

from collections.abc import Callable

from flask import request, url_for
from werkzeug.wrappers import Response

from horizon.control.acting import backend_of
from horizon.control.jobs import JobControl
from horizon.control.operations import OperationControl
from horizon.control.queues import QueueControl
from horizon.control.verbs import RULES
from horizon.core.errors import BackendUnavailable, HorizonError, InvalidInput
from horizon.security.permissions import require
from horizon.web import render
from horizon.web.auth import current_actor
from horizon.web.pages import asking, telling
from horizon.web.render import Toast
from horizon.web.state import state_of


def on_jobs() -> Response:
    """POST /jobs/act"""
    return _answered(_on_jobs)


def on_queue() -> Response:
    """POST /queues/act"""
    return _answered(_on_queue)


def stop_operation() -> Response:
    """POST /operations/stop"""
    return _answered(_stop_operation)


def _answered(act: Callable[[], Response]) -> Response:
    """What an act says; where it was refused, htmx gets the reason as a toast instead of a page."""
    try:
        return act()
    except BackendUnavailable:
        raise
    except HorizonError as error:
        if request.headers.get("HX-Request") == "true":
            return render.acted(Toast(text=str(error), wrong=True), "")
        raise


def _on_jobs() -> Response:
    runtime, actor = state_of().runtime, current_actor()
    wish = asking.read(request.form)
    require(actor, RULES[wish.verb].ability)
    store = backend_of(runtime, wish.connection)
    before = store.many(wish.ids) if wish.ids else []
    question = None if wish.sure else asking.question(wish, before, store)
    if question is not None:
        return render.asked("confirm/page.html", ask=question, wish=wish, back=_back("horizon.jobs"))
    said = JobControl(runtime).act(actor, wish.verb, wish.selection(store.now()), wish.params(before), wish.connection)
    return render.acted(telling.about_jobs(wish, said, before), _back("horizon.jobs"))


def _on_queue() -> Response:
    control, form = QueueControl(state_of().runtime), request.form
    verb, _, named = form.get("do", "").partition(":")
    name, _, connection = named.partition("/")
    if verb == "pause":
        running = control.pause(current_actor(), name, connection=connection or None)
        return render.acted(telling.about_pause(name, running, connection), _back("horizon.overview"))
    if verb == "resume":
        control.resume(current_actor(), name, connection=connection or None)
        return render.acted(Toast(text=f"Resumed {name}"), _back("horizon.overview"))
    raise InvalidInput(f"a queue can be paused or resumed here, got {verb[:40]!r}")


def _stop_operation() -> Response:
    stopped = OperationControl(state_of().runtime).stop(current_actor(), request.form.get("id", ""), request.form.get("connection") or None)
    return render.acted(Toast(text=f"Stopped after {stopped.done:,} jobs; what was done stays done"), _back("horizon.jobs"))


def _back(otherwise: str) -> str:
    return render.safe_back(request.form.get("back"), url_for(otherwise))
