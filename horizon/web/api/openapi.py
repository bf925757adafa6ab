"""The OpenAPI 3.1 document, made from the routes and the table that tells them; nobody writes it by hand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from flask import Flask, request
from werkzeug.wrappers import Response

import horizon
from horizon.web.api import answers
from horizon.web.api.control import ACTIONS
from horizon.web.api.doc import examples, schemas
from horizon.web.api.doc.table import GROUPS, TOLD
from horizon.web.api.doc.words import TEXT, Answer, Schema, Told, ref
from horizon.web.api.route import Route
from horizon.web.auth import this_app
from horizon.web.login import SIGN_IN_COOKIE
from horizon.web.state import state_of

Json = dict[str, Any]
ABOUT = (
    "Jobs, queues and workers of this app. Times are ISO 8601 in UTC, durations seconds. A change must show that no other site "
    "caused it: send JSON, a bearer token, or ask from the dashboard itself."
)
_HOLE = re.compile(r"<(?:[a-z]+:)?([a-z_]+)>")


def shown(routes: Sequence[Route]) -> Response:
    """`GET /api/openapi.json`."""
    return answers.unless_same(here(routes))


def here(routes: Sequence[Route]) -> Json:
    """The document as the app of this request has it."""
    return document(routes, server=(request.script_root + state_of().prefix) or "/", cookie=_cookie(this_app()))


def document(routes: Sequence[Route], *, server: str, cookie: str) -> Json:
    """The whole document. `server`: where the API is mounted; `cookie`: the name of the app's session cookie."""
    paths: dict[str, Json] = {}
    for route in routes:
        told = TOLD.get(route.endpoint)
        if told is not None:
            for method in route.methods:
                paths.setdefault(_path(route.rule), {})[method.lower()] = _operation(route, told)
    groups = {told.group for told in TOLD.values()}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Flask-Horizon", "version": horizon.__version__, "description": ABOUT},
        "servers": [{"url": server}],
        "tags": [{"name": name, "description": text} for name, text in GROUPS.items() if name in groups],
        "security": [{"bearer": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": schemas.components(ACTIONS),
            "responses": {_named(status): _problem(status) for status in examples.ERRORS},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "An API token, or whatever `HORIZON_AUTH` accepts."},
                "session": {"type": "apiKey", "in": "cookie", "name": cookie, "description": "As the browser does, after signing in."},
            },
        },
    }


def _cookie(app: Flask) -> str:
    """Of the sign-in: ours, or where the app itself says who it is, most likely that of its session."""
    if app.config.get("HORIZON_AUTH") is None:
        return SIGN_IN_COOKIE
    return str(app.config.get("SESSION_COOKIE_NAME") or "session")


def _path(rule: str) -> str:
    return _HOLE.sub(r"{\1}", rule)


def _operation(route: Route, told: Told) -> Json:
    made: Json = {"tags": [told.group], "operationId": route.endpoint.removeprefix("api_"), "summary": told.summary}
    if told.text:
        made["description"] = told.text
    if params := [*_holes(route.rule), *_asked(told)]:
        made["parameters"] = params
    if told.body:
        content: Json = {"schema": ref(told.body)}
        if told.examples:
            content["examples"] = {name: {"value": value} for name, value in told.examples.items()}
        made["requestBody"] = {"required": True, "content": {"application/json": content}}
    made["responses"] = _responses(route, told)
    if route.open:
        made["security"] = []
    return made


def _holes(rule: str) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {**TEXT, "minLength": 1}, "example": examples.ID}
        for name in _HOLE.findall(rule)
    ]


def _asked(told: Told) -> list[Json]:
    asked = [{"name": param.name, "in": "query", "schema": param.schema, "description": param.text} for param in told.params]
    if told.tagged:
        text = "The ETag of an answer one has: 304 and no body while nothing has changed."
        asked.append({"name": "If-None-Match", "in": "header", "schema": TEXT, "description": text})
    return asked


def _responses(route: Route, told: Told) -> Json:
    made: Json = {str(status): _answer(answer, told.tagged) for status, answer in told.answers.items()}
    if told.tagged:
        made["304"] = {"description": "Nothing new", "headers": _headers(etag=True)}
    errors = set(told.errors) | (set() if route.open else {401, 403, 429, 503})
    for status in sorted(errors - set(told.answers)):
        made[str(status)] = {"$ref": f"#/components/responses/{_named(status)}"}
    return made


def _answer(answer: Answer, tagged: bool) -> Json:
    content: Json = {kind: {} for kind in answer.kinds}
    if answer.schema:
        content["application/json"]["schema"] = ref(answer.schema)
    elif "application/json" in content:
        content["application/json"]["schema"] = {"type": "object"}
    if answer.example is not None:
        content["application/json"]["example"] = answer.example
    made: Json = {"description": answer.text, "content": content}
    if headers := _headers(etag=tagged, location=answer.location):
        made["headers"] = headers
    return made


def _headers(*, etag: bool = False, location: bool = False) -> Json:
    text: Schema = {"schema": TEXT}
    made = {}
    if etag:
        made["ETag"] = {**text, "description": "Send it back in `If-None-Match`."}
    if location:
        made["Location"] = {**text, "description": "Where to look from now on."}
    return made


def _named(status: int) -> str:
    return f"Error{status}"


def _problem(status: int) -> Json:
    text, error = examples.ERRORS[status]
    return {"description": text, "content": {"application/json": {"schema": ref("Error"), "example": {"error": error}}}}
