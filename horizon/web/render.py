"""From values to an answer. Every word of htmx that the server speaks stands in this file.

1. A page is whole, or (when htmx asks) only its live region, or (when a dialog asks) only what the dialog shows.
2. An act answers a plain form with 303, and htmx with a toast and the wish that the page ask again.
3. Templates are drawn in an environment of our own over the host's: escaping on, our filters in, the host's untouched.
"""

from __future__ import annotations

import hashlib
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from weakref import WeakKeyDictionary

from flask import Flask, current_app, g, make_response, request, url_for
from jinja2 import Environment
from werkzeug.wrappers import Response

from horizon.core import clock
from horizon.core.clock import Micros
from horizon.web import addresses, formats, hooks, resources
from horizon.web.auth import NotAllowedIn, current_actor, read_only
from horizon.web.i18n import filters, scripts
from horizon.web.i18n.language import ENGLISH, Language, available
from horizon.web.i18n.templates import speaking
from horizon.web.state import state_of
from horizon.web.viewer import Viewer
from horizon.web.writer import Writer, written

FLASH = "horizon_flash"
MAX_FLASH = 3_500
"""Characters of the cookie that carries a toast over a redirect."""
VIEWER = "horizon.viewer"
"""Where a request keeps who looks."""
SHELLS = {
    "page": "horizon/_shells/page.html",
    "live": "horizon/_shells/live.html",
    "dialog": "horizon/_shells/dialog.html",
    "bare": "horizon/_shells/bare.html",
}

_BENT = re.compile(r"[\\\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""What browsers drop from an address, or read as something else: with it one address is two."""
_environments: WeakKeyDictionary[Flask, dict[str, Environment]] = WeakKeyDictionary()


@dataclass(frozen=True, kw_only=True, slots=True)
class Toast:
    """What an act has done, in words, and how to undo it."""

    text: str
    wrong: bool = False
    undo: Mapping[str, str] = field(default_factory=dict)
    """Fields of the form that undoes it; empty where nothing can."""
    operation: str = ""
    """The id of the act in the background that it is about."""


# pages ---------------------------------------------------------------------------------------------------------------


def page(template: str, /, *, status: int = 200, shell: str = "", **context: Any) -> Response:
    """Draw a page, or the part of it that was asked for. `at` in the context is the moment to which ages count."""
    kind = shell or _asked_for()
    tag = g.get("_horizon_tag", "") if status == 200 else ""
    toast = flashed()
    text = draw(
        template,
        shell=SHELLS[kind],
        tag=tag,
        as_of=g.get("_horizon_as_of", 0),
        unfinished=g.get("_horizon_unfinished", False),
        toast=toast,
        **context,
    )
    response = make_response(text, status)
    if tag:
        response.set_etag(tag, weak=True)
    if toast is not None:
        response.delete_cookie(FLASH, path=cookie_path())
    return vary(response)


def _asked_for() -> str:
    if request.headers.get("HX-Request") != "true" or request.headers.get("HX-History-Restore-Request") == "true":
        return "page"
    return "dialog" if request.headers.get("HX-Target") == "dialog" else "live"


def draw(template: str, /, **context: Any) -> str:
    """The text of a template, with what every page needs."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    given = {**common(app, context.get("at")), **context}
    app.update_template_context(given)
    return environment(app, viewer().language).get_template(f"horizon/{template}").render(given)


def common(app: Flask, at: Micros | None = None) -> dict[str, Any]:
    """What every template may use; the actor is None on the pages that tell somebody they are not let in."""
    looks, state = viewer(), state_of(app)
    try:
        actor = current_actor()
    except NotAllowedIn:
        actor = None
    return {
        "actor": actor,
        "signed_in": g.get("_horizon_signed_in", False),
        "read_only": read_only(app),
        "viewer": looks,
        "here": request.script_root + request.full_path.rstrip("?") if request.method == "GET" else "",
        "pages": [row for row in g.get("horizon_pages", ()) if row.title],
        "live_seconds": state.settings.LIVE_SECONDS,
        "site": state.settings.TITLE or app.name,
        "brand": state.brand,
        "host_entries": hooks.entries(state.hooks, actor),
        "asset": asset,
        "words_version": scripts.version(looks.language),
        "languages": available(),
        **formats.bound(looks, clock.now() if at is None else at),
    }


def environment(app: Flask, language: Language = ENGLISH) -> Environment:
    """The host's Jinja environment with our filters on top, in a copy for each language: its delimiters and globals stay its own affair."""
    made = _environments.setdefault(app, {})
    found = made.get(language.code)
    if found is None:
        host = app.jinja_env
        found = host.overlay(
            autoescape=True, trim_blocks=True, lstrip_blocks=True, block_start_string="{%", block_end_string="%}",
            variable_start_string="{{", variable_end_string="}}", comment_start_string="{#", comment_end_string="#}",
            line_statement_prefix=None, line_comment_prefix=None, bytecode_cache=None,
        )  # fmt: skip
        found.code_generator_class, found.written = Writer, written  # type: ignore[attr-defined]
        found = speaking(found, language)
        found.filters = {**host.filters, **filters.of(language, formats.FILTERS)}
        found.globals = {**host.globals, "url_for": addresses.to}
        made[language.code] = found
    return found


def asset(name: str) -> str:
    """The address of a static file; it changes with the content, so browsers may keep it for ever."""
    known: dict[str, str] = g.setdefault("_horizon_assets", {})  # a page asks for its icons a hundred times
    if name not in known:
        known[name] = url_for("horizon.static", filename=name, v=_hash(name))
    return known[name]


@lru_cache(maxsize=64)
def _hash(name: str) -> str:
    path = Path(resources.static()) / name
    return hashlib.blake2s(path.read_bytes(), digest_size=4).hexdigest() if path.is_file() else "0"


def viewer() -> Viewer:
    """Who looks at the page being drawn; read from the request once."""
    found: Viewer | None = request.environ.get(VIEWER)
    if found is None:
        settings = state_of().settings
        request.environ[VIEWER] = found = Viewer.of(request, settings.LANGUAGE, settings.VIEW_TIMEZONE)
    return found


# nothing new -----------------------------------------------------------------------------------------------------------


def tagged(tag: str, version: int) -> None:
    """What the page that is drawn next is to carry: its tag, and the version of the store that it is about."""
    g._horizon_tag, g._horizon_as_of = tag, version


def unfinished() -> None:
    """The page that is drawn next has more to come: it asks again at once, and is never told that nothing is new."""
    g._horizon_unfinished = True
    if tag := g.get("_horizon_tag"):
        g._horizon_tag = f"{tag}.more"


def unchanged(tag: str) -> Response | None:
    """The answer to somebody who has this already, or None."""
    if FLASH in request.cookies or not request.if_none_match.contains_weak(tag):
        return None
    # 204 to htmx: it would put the empty body of a 304 into the page
    response = make_response("", 204 if request.headers.get("HX-Request") == "true" else 304)
    response.set_etag(tag, weak=True)
    return vary(response)


def vary(response: Response) -> Response:
    """Say what the answer depends on."""
    response.vary.update(("HX-Request", "HX-Target", "Cookie", "Accept-Language"))
    return response


# acts -----------------------------------------------------------------------------------------------------------------


def refreshed() -> Response | None:
    """The answer to htmx after something that the page it is on shows: nothing but the wish that it ask again. None for a plain form."""
    if request.headers.get("HX-Request") != "true":
        return None
    response = make_response("", 204)
    response.headers["HX-Trigger"] = "horizon:refresh"
    return response


def acted(toast: Toast, back: str) -> Response:
    """Answer an act: a plain form goes back (303) to a page that shows the toast; htmx gets the toast and asks again."""
    if request.headers.get("HX-Request") == "true":
        response = make_response(draw("_partials/toast.html", toast=toast))
        response.headers["HX-Retarget"] = "#toasts"
        response.headers["HX-Reswap"] = "beforeend"
        response.headers["HX-Trigger"] = "horizon:refresh"
        return vary(response)
    response = make_response("", 303)
    response.headers["Location"] = back
    response.set_cookie(FLASH, _pack(toast), max_age=60, path=cookie_path(), httponly=True, samesite="Lax", secure=request.is_secure)
    return response


def asked(template: str, /, **context: Any) -> Response:
    """A question before an act: a page of its own, or what the dialog shows."""
    if request.headers.get("HX-Request") != "true":
        return page(template, shell="page", **context)
    response = page(template, shell="dialog", **context)
    response.headers["HX-Retarget"] = "#dialog"
    response.headers["HX-Reswap"] = "innerHTML"
    return response


def safe_back(given: str | None, otherwise: str) -> str:
    """Where to go after an act: a path below our own mount point, whatever the form said."""
    try:
        parts = urlsplit(given or "")
    except ValueError:  # `//[` and the like
        return otherwise
    root = url_for("horizon.overview").rstrip("/")
    inside = parts.path == root or parts.path.startswith(root + "/")
    clean = given and not parts.scheme and not parts.netloc and not given.startswith("//") and not _BENT.search(given)
    clean = clean and not {".", ".."} & set(unquote(parts.path).split("/"))  # browsers would walk up by these
    return given if given and clean and inside else otherwise


def _pack(toast: Toast) -> str:
    packed = urlsafe_b64encode(json.dumps(asdict(toast)).encode()).decode()
    if len(packed) <= MAX_FLASH or not toast.undo:
        return packed
    # browsers drop a cookie beyond 4 kB: better the message without its undo than neither
    return _pack(Toast(text=toast.text, wrong=toast.wrong, operation=toast.operation))


def flashed() -> Toast | None:
    """The toast that the act before this page left in a cookie; what is not one of ours counts as none."""
    try:
        found = json.loads(urlsafe_b64decode(request.cookies.get(FLASH, "")[:MAX_FLASH]))
        undo = {str(key): str(value) for key, value in found["undo"].items()}
        return Toast(text=str(found["text"]), wrong=bool(found["wrong"]), undo=undo, operation=str(found.get("operation", "")))
    except (NotBase64, ValueError, KeyError, TypeError, AttributeError):
        return None


def cookie_path() -> str:
    """Cookies of the dashboard stay below its own mount point."""
    return url_for("horizon.overview").rstrip("/") or "/"
