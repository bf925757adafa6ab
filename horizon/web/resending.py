"""What a form of a page sent while the store did not answer: its page of the error keeps it, so that nothing has to be typed twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from flask import request

from horizon.web.security import cross_site

NEVER = ("login",)
"""Endpoints whose forms hold what no page may show again."""


def address() -> str:
    """The path and question that were asked for, as the browser knows them."""
    return request.script_root + request.full_path.rstrip("?")


def sent() -> Sequence[tuple[str, str]] | None:
    """Its fields, ready to be sent once more; None where the request was no form, or not certainly one of ours: what another site
    put into it must not wait here for a click."""
    ours = request.method == "POST" and cross_site("POST", cast(Mapping[str, str], request.headers), request.host) is None
    if not ours or (request.endpoint or "").rpartition(".")[2] in NEVER or request.files:
        return None
    return tuple(request.form.items(multi=True)) or None
