"""Find anything by name: the page, and what the palette (Ctrl-K) shows of it."""

from __future__ import annotations

from flask import make_response, request
from werkzeug.wrappers import Response

from horizon.web import render
from horizon.web.pages import found, frame


def show() -> Response:
    """GET /find: what fits `q`; with `part=options`, only the options of a list of choices."""
    typed, recent = found.asked()
    things = found.find(typed, recent)
    if request.args.get("part") == "options":
        return render.vary(make_response(render.draw("find/_options.html", found=things, typed=typed)))
    return render.page("find/page.html", shell="page", found=things, typed=typed, **frame.standing())
