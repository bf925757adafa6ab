"""Find things by name, and complete a half-typed search: what the palette and the search box ask, for programs."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from horizon.core.errors import InvalidOption
from horizon.web.api import answers
from horizon.web.i18n import language
from horizon.web.i18n.speech import told
from horizon.web.pages import found


def find() -> Response:
    """`GET /api/find?q=...`"""
    typed, _ = found.asked()
    items = [
        {"kind": one.thing.kind, "key": one.thing.key, "label": one.thing.label, "hint": one.thing.hint, "url": one.href}
        for one in found.find(typed)
    ]
    return answers.unless_same({"items": items})


def complete() -> Response:
    """`GET /api/complete?q=...&at=...`"""
    text, at = request.args.get("q", ""), request.args.get("at", "")
    if at and not (at.isascii() and at.isdecimal() and len(at) < 6):
        raise InvalidOption(f"at is where the caret stands in q, a whole number from 0; got {at[:20]!r}")
    speaks = language.find(request.args.get("lang", "")[:20]) or language.ENGLISH
    items = [
        {"text": one.text, "caret": one.caret, "label": one.label, "hint": told(one.hint, speaks)}
        for one in found.complete(text, int(at) if at else len(text))
    ]
    return answers.unless_same({"items": items})
