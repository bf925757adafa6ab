"""Find anything by name: the page, and what the palette (Ctrl-K) shows of it."""

from __future__ import annotations

from flask import make_response, request
from werkzeug.wrappers import Response

from horizon.web import render
from horizon.web.pages import found, frame

PARTS = ("options", "views")


def show() -> Response:
    """GET /find: what fits `q`; with `part=options`, only the options of a list of choices; with `part=views`, those of `recent` views."""
    typed, recent = found.asked()
    part = request.args.get("part")
    things = found.views_of_lately(recent) if part == "views" else found.find(typed, recent)
    if part in PARTS:
        return render.vary(make_response(render.draw("find/_options.html", found=things, typed=typed)))
    return render.page("find/page.html", shell="page", found=things, typed=typed, **frame.standing())
