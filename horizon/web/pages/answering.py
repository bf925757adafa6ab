"""How a form is answered where its act was refused."""

from __future__ import annotations

from collections.abc import Callable

from flask import request
from werkzeug.wrappers import Response

from horizon.core.errors import BackendUnavailable, HorizonError
from horizon.web import render
from horizon.web.render import Toast


def answered(act: Callable[[], Response]) -> Response:
    """What an act says; where it was refused, htmx gets the reason as a toast instead of a page."""
    try:
        return act()
    except BackendUnavailable:
        raise
    except HorizonError as error:
        if request.headers.get("HX-Request") == "true":
            return render.acted(Toast(text=str(error), wrong=True), "")
        raise
