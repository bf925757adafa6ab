"""The blueprint: every page and every route of the API, and what stands in front of and behind them.

Only the blueprint's own hooks are used: nothing of the host's is touched, and none of its pages is slowed down.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import cast

from flask import Blueprint, Flask, abort, current_app, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import MapAdapter
from werkzeug.wrappers import Response

from horizon.core.errors import NotFound, PermissionDenied
from horizon.security.permissions import Ability, require
from horizon.web import auth, errors, later, packed, resources
from horizon.web.api.route import Route
from horizon.web.api.table import ROUTES
from horizon.web.pages import login, look
from horizon.web.pages.table import PAGES, Row
from horizon.web.security import FOREVER, HEADERS, NO_STORE, SAFE_METHODS, VARY, cross_site, with_pictures_of
from horizon.web.state import state_of

NAME = "horizon"
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
STORELESS = frozenset({"static", "brand_css", "words", "api_healthz", "help", "look", "reference", "api_openapi", "nowhere", "api_nowhere"})
"""Endpoints that answer without asking the store, so that their answers say nothing about it."""
HARMLESS = (".look", ".login", ".logout")
"""Endpoints whose form changes nothing but who sends it, or how it looks there."""


def make(prefix: str) -> Blueprint:
    """A blueprint of its own for each app, so that several live in one process."""
    later.load()
    blueprint = Blueprint(
        NAME,
        "horizon.web",
        template_folder=resources.templates(),
        static_folder=resources.static(),
        # at the root, `/static` would be the host's
        static_url_path="/static" if prefix else "/horizon-static",
    )
    abilities: dict[str, Ability] = {}
    public = {"static", "login", "brand_css", "words"}
    rows: list[Route | Row] = [*ROUTES, *PAGES]
    for row in rows:
        blueprint.add_url_rule(row.rule, row.endpoint, row.view, methods=list(row.methods))
        abilities[row.endpoint] = row.ability
        if isinstance(row, Route) and row.open:
            public.add(row.endpoint)
    blueprint.add_url_rule("/brand.css", "brand_css", look.brand_css)
    blueprint.add_url_rule("/words/<code>.js", "words", look.words)
    blueprint.add_url_rule("/login", "login", login.show, methods=["GET", "POST"])
    blueprint.add_url_rule("/logout", "logout", login.leave, methods=["POST"])
    if prefix:
        _catch_the_rest(blueprint)
    blueprint.url_value_preprocessor(_spare_api)
    blueprint.before_request(partial(_guard, abilities, public))
    blueprint.after_request(_seal)
    errors.register(blueprint)
    return blueprint


def _catch_the_rest(blueprint: Blueprint) -> None:
    """Whatever else is asked for below our prefix gets our own `not found` and `not allowed`, not the host's."""
    blueprint.add_url_rule("/<path:path>", "nowhere", _nowhere, methods=METHODS)
    blueprint.add_url_rule("/api/<path:path>", "api_nowhere", _nowhere, methods=METHODS)
    blueprint.add_url_rule("/", "nowhere", _nowhere, methods=[method for method in METHODS if method not in SAFE_METHODS])


def _nowhere(path: str = "") -> Response:
    if allowed := _allowed_here():
        raise MethodNotAllowed(allowed, f"{request.path[:200]} does not take {request.method}, only {' and '.join(allowed)}")
    raise NotFound(f"there is nothing at {request.path[:200]}")


def _allowed_here() -> list[str]:
    """The methods that something of ours takes at the address of this request."""
    adapter = cast(MapAdapter, current_app.create_url_adapter(request))
    allowed = []
    for method in METHODS:
        with suppress(HTTPException):
            endpoint, _ = adapter.match(method=method)
            allowed += [] if endpoint.endswith("nowhere") else [method]
    return allowed


def _spare_api(endpoint: str | None, values: dict[str, object] | None) -> None:
    """Spare the API a CSRF token where the host uses Flask-WTF: programs have none, and `cross_site` guards it.

    Runs before any hook of the host. Pages are not spared: their forms carry the host's token.
    """
    csrf = current_app.extensions.get("csrf")
    name = (endpoint or "").rpartition(".")[2]
    if csrf is not None and name.startswith("api_") and hasattr(csrf, "exempt"):
        csrf.exempt(current_app.view_functions[endpoint or ""])


def _guard(abilities: dict[str, Ability], public: Iterable[str]) -> Response | None:
    """Everything that must be true before a view is entered."""
    endpoint = (request.endpoint or "").rpartition(".")[2]
    g.horizon_pages = PAGES  # for the navigation, and for whoever looks for a page by name
    _limit_body()
    app = auth.this_app()
    if endpoint in public:
        _check_change(app)
        return None
    try:
        found = auth.identify(app, request, auth.origin_of(request, "api" if endpoint.startswith("api_") else "web"))
    except auth.SignInFirst:
        # htmx is told so instead: what somebody typed into the page stays there
        if errors.wants_json() or request.headers.get("HX-Request") == "true":
            raise
        return login.way_in()
    if isinstance(found, Response):
        return found
    auth.remember(found)
    _check_change(app)
    require(found, abilities.get(endpoint, Ability.VIEW))
    return None


def _check_change(app: Flask) -> None:
    """Refuse what another site may have caused, and every change of a dashboard that is only there to be looked at."""
    if request.method in SAFE_METHODS:
        return
    if reason := cross_site(request.method, cast(Mapping[str, str], request.headers), request.host):
        raise CrossSite(f"this change is refused, because {reason}")
    if auth.read_only(app) and not (request.endpoint or "").endswith(HARMLESS):
        raise PermissionDenied("this dashboard is read-only (HORIZON_READ_ONLY): use the command line, or set it to False")


class CrossSite(PermissionDenied):
    """A change that another site may have caused."""

    code = "cross_site"


def _limit_body() -> None:
    """Refuse a body that is larger than any job may be, before it is read; one of unknown length is cut off on the way."""
    most = state_of().max_body
    if (request.content_length or 0) > most:
        abort(413, f"the body has {request.content_length:,} bytes; at most {most:,} are taken")
    try:
        request.max_content_length = most + 1  # one more than is taken, so that whoever reads can tell `cut off` from `just fits`
    except AttributeError:  # Flask 3.0 limits whole apps only
        if "chunked" in request.headers.get("Transfer-Encoding", ""):
            abort(411, "the request must say how long its body is (Content-Length)")


def _seal(response: Response) -> Response:
    """What every answer carries, errors included."""
    for name, value in HEADERS.items():
        response.headers[name] = value
    if origin := state_of().brand.logo_origin:
        response.headers["Content-Security-Policy"] = with_pictures_of(origin)
    if (request.endpoint or "").endswith((".static", ".brand_css", ".words")) and response.status_code in (200, 206, 304):
        if request.args.get("v"):
            response.headers["Cache-Control"] = FOREVER
        return packed.pack(response) if (request.endpoint or "").endswith(".static") else response
    response.headers["Cache-Control"] = NO_STORE
    response.vary.update(VARY)
    if request.method not in SAFE_METHODS:
        state_of().stats.outdate()
    if response.status_code < 400 and (request.endpoint or "").rpartition(".")[2] not in STORELESS:
        state_of().outage.answered()
    return response
