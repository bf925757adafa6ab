"""What the forms about circuits post to `/circuits/act`: `do` = `close`, with `service` and `connection`."""

from __future__ import annotations

from flask import request, url_for
from werkzeug.wrappers import Response

from horizon.control.circuits import CircuitControl
from horizon.control.verbs import unknown
from horizon.web import render
from horizon.web.auth import current_actor
from horizon.web.pages.answering import answered
from horizon.web.render import Toast
from horizon.web.state import state_of


def on_circuit() -> Response:
    """POST /circuits/act"""
    return answered(_act)


def _act() -> Response:
    form = request.form
    if form.get("do") != "close":
        raise unknown(form.get("do"), ["close"])
    service = form.get("service", "")
    CircuitControl(state_of().runtime).close(current_actor(), service, connection=form.get("connection") or None)
    toast = Toast(text=f"Closed the circuit {service}: jobs use it again; should they fail, it opens again")
    return render.acted(toast, render.safe_back(form.get("back"), url_for("horizon.queues")))
