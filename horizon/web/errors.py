"""From an error to an answer: JSON for programs, a page for people; never a traceback.

Pages are `templates/horizon/error.html`, given: shell, status, title, message, paste (lines to paste, maybe none), since (a time in
microseconds, for a store that does not answer), command (what to run, maybe None), sought (what to look for instead, maybe None), again (the address to try again, maybe None), sent (the
fields of a form to send again to `sent_to`, maybe None).
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from html import escape
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Blueprint, jsonify, make_response, request, url_for
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Response

from horizon.core import errors as e
from horizon.core.clock import Micros, iso
from horizon.web.auth import NotAllowedIn, current_actor
from horizon.web.render import SHELLS, draw, safe_back
from horizon.web.resending import address, sent
from horizon.web.state import state_of
from horizon.web.text import cut

log = logging.getLogger("horizon.web")

STATUS: tuple[tuple[type[Exception], int], ...] = (
    (e.PayloadTooLarge, 413),
    (e.InvalidFilter, 400),
    (e.InvalidCursor, 400),
    (e.UnknownAction, 400),
    (e.GroupEnded, 409),
    (e.InvalidInput, 422),
    (e.InvalidTransition, 409),
    (e.NotFound, 404),
    (e.PermissionDenied, 403),
    (e.NotSignedIn, 401),
    (e.TooManyAttempts, 429),
    (e.QueueFull, 429),
    (e.ComesLater, 422),
    (e.BackendUnavailable, 503),
    (e.SchemaMismatch, 503),
    (e.ConfigurationError, 503),
)
"""The first row that fits decides."""
CODES = {400: "bad_request", 401: "unauthorized", 403: "forbidden", 404: "not_found", 405: "method_not_allowed", 413: "too_large",
         415: "unsupported_media_type", 429: "too_many_requests"}  # fmt: skip
TITLES: dict[int | str, str] = {
    400: "That is not understood", 401: "Sign in first", 403: "You are not let in", 404: "There is nothing here",
    405: "It does not work like this", 409: "That is no longer possible", 413: "Too much at once", 415: "It does not work like this",
    422: "That will not do", 429: "Too much, too fast", 500: "Something went wrong", 503: "This does not work right now",
    "backend_unavailable": "The store does not answer", "store_full": "The store is full",
    "schema_mismatch": "The store is of another version", "configuration": "A setting is not usable",
}  # fmt: skip
"""Headlines by code, else by status."""
MENDABLE = (400, 404, 405, 409, 413, 415, 422, 429)
"""Statuses after which somebody goes back and does it otherwise."""
LONGEST = 600
"""Characters of a message: it may quote what was sent."""
BEGINNING = 13
"""Characters of an id that was not found which are looked for: its moment to the millisecond."""
BEARER = {"WWW-Authenticate": 'Bearer realm="horizon"'}
_TO_RUN = re.compile(r"run `([^`]+)`")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What went wrong, ready to be told."""

    status: int
    code: str
    message: str
    paste: tuple[str, ...] = ()
    since: Micros | None = None
    command: str | None = None
    more: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """A headline for the page."""
        return TITLES.get(self.code) or TITLES.get(self.status) or HTTPStatus(self.status).phrase


class MalformedRequest(e.InvalidInput):
    """A body that is not what its content type says."""

    code = "malformed"


def problem_of(error: Exception) -> Problem:
    """What to tell about an error."""
    if isinstance(error, NotAllowedIn):
        headers = BEARER if error.status == 401 else {}
        code = "unauthorized" if error.status == 401 else error.code
        return Problem(status=error.status, code=code, message=str(error), paste=error.paste, headers=headers)
    if isinstance(error, HTTPException):
        status = error.code or 500
        code = CODES.get(status, HTTPStatus(status).phrase.lower().replace(" ", "_"))
        headers = {"Allow": ", ".join(error.valid_methods)} if isinstance(error, MethodNotAllowed) and error.valid_methods else {}
        return Problem(status=status, code=code, message=error.description or HTTPStatus(status).phrase, headers=headers)
    if isinstance(error, (e.BackendUnavailable, e.SchemaMismatch)):
        return _store_problem(error)
    if isinstance(error, e.HorizonError):
        status = 400 if isinstance(error, MalformedRequest) else next((code for kind, code in STATUS if isinstance(error, kind)), 500)
        return Problem(status=status, code=error.code, message=cut(str(error), LONGEST), more=_more(error), headers=_headers(error))
    return Problem(status=500, code="internal", message="Something went wrong on our side; the log of the app says what.")


def _headers(error: e.HorizonError) -> dict[str, str]:
    if isinstance(error, e.NotSignedIn):
        return {"WWW-Authenticate": 'Bearer realm="horizon", error="invalid_token"'}
    return {"Retry-After": str(error.retry_after)} if isinstance(error, e.TooManyAttempts) else {}


def _more(error: e.HorizonError) -> dict[str, Any]:
    allowed = getattr(error, "allowed", None)
    return {"allowed": list(allowed)} if allowed else {}


def _store_problem(error: e.HorizonError) -> Problem:
    since = state_of().outage.failed() if isinstance(error, e.BackendUnavailable) else None
    named = _TO_RUN.search(str(error))
    command = named[1] if named else "horizon status"
    return Problem(
        status=503,
        code=error.code,
        message=cut(str(error), LONGEST),
        since=since,
        command=command,
        more={"since": iso(since), "run": command},
        headers={"Retry-After": "5"},
    )


def answer(error: Exception) -> Response:
    """The response to an error, in the form the asker understands."""
    if isinstance(error, HTTPException) and error.response is not None:
        return cast(Response, error.response)  # the host's own answer: a redirect to its log-in, say
    problem = problem_of(error)
    if problem.status >= 500 and not isinstance(error, (e.BackendUnavailable, HTTPException)):
        known = isinstance(error, e.HorizonError)  # its message says all there is to know
        log.error("%s %s failed: %s", request.method, request.path, error, exc_info=None if known else error)
    response = as_json(problem) if wants_json() else as_page(problem)
    response.status_code = problem.status
    response.headers.update(problem.headers)
    return response


def wants_json() -> bool:
    """True for the API, and for whoever prefers JSON to HTML."""
    if (request.endpoint or "").rpartition(".")[2].startswith("api_"):
        return True
    accept = request.accept_mimetypes
    return accept["application/json"] > accept["text/html"]


def as_json(problem: Problem) -> Response:
    """The error in the shape every route of the API uses."""
    told = {"code": problem.code, "message": problem.message, **problem.more}
    if problem.paste:
        told["set"] = list(problem.paste)
    return jsonify({"error": told})


def as_page(problem: Problem) -> Response:
    """The error as a page: in the frame of all pages for whoever is let in, without it for others; as bare text where no template can be
    drawn."""
    for shell in (("page",) if _is_let_in() else ()) + ("bare",):
        try:
            return make_response(_drawn(problem, shell))
        except Exception:
            log.exception("the error page could not be drawn")
    return make_response(plain_page(problem))


def _is_let_in() -> bool:
    try:
        current_actor()
    except NotAllowedIn:
        return False
    return True


def _drawn(problem: Problem, shell: str) -> str:
    return draw(
        "error.html",
        shell=SHELLS[shell],
        status=problem.status,
        title=problem.title,
        message=problem.message,
        paste=problem.paste,
        since=problem.since,
        command=problem.command,
        sought=_sought() if problem.status == 404 else None,
        back=_back() if problem.status in MENDABLE else None,
        again=address() if problem.status >= 500 and request.method == "GET" else None,
        sent=sent() if problem.code == e.BackendUnavailable.code else None,
        sent_to=address(),
    )


def _sought() -> str:
    """What to look for instead: the beginning of an id that nothing has, since its end is where it is cut off or mistyped."""
    named = str((request.view_args or {}).get("id", "")).strip().lower()
    return named[:BEGINNING]


def _back() -> str:
    """The page that somebody came from, if it is one of ours."""
    came = urlsplit(request.referrer or "")
    from_here = f"{came.path}?{came.query}".rstrip("?") if came.netloc == request.host else None
    back = safe_back(request.form.get("back") or from_here, "")
    return back if back and back != address() else url_for("horizon.overview")


def plain_page(problem: Problem) -> str:
    """A page without any template."""
    lines = [f"<h1>{escape(problem.title)}</h1>", f"<p>{escape(problem.message)}</p>"]
    if problem.since:
        lines.append(f"<p>Since {escape(iso(problem.since) or '')}</p>")
    if problem.paste:
        lines.append(f"<pre>{escape(chr(10).join(problem.paste))}</pre>")
    if problem.command:
        lines.append(f"<p>Run: <code>{escape(problem.command)}</code></p>")
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(problem.title)}</title><main>{"".join(lines)}</main></html>'
    )


def register(blueprint: Blueprint) -> None:
    """Answer whatever is raised in our own views, and in the host's hooks on the way to them."""
    blueprint.register_error_handler(Exception, answer)
    for status in CODES:  # a handler for one status goes before one for everything: the host's must not take ours over
        blueprint.register_error_handler(status, answer)
