"""The API, to be read: the OpenAPI document as a page, one operation at a time. Nothing is asked of anybody else."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import request
from werkzeug.wrappers import Response

from horizon.web import render
from horizon.web.api import openapi
from horizon.web.api.table import ROUTES

Json = Mapping[str, Any]
DEEPEST = 3
"""Levels of fields shown below one another."""
KINDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false", "object": "object", "null": "null"}
FORMATS = {"date-time": "time", "uuid": "id"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A parameter, or a field of a body or an answer."""

    name: str
    kind: str
    text: str = ""
    needed: bool = False
    depth: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One operation as the list names it."""

    id: str
    method: str
    path: str
    told: Json


def show() -> Response:
    """GET /api"""
    document = openapi.here(ROUTES)
    groups = [(tag, [one for one in asked(document) if tag["name"] in one.told["tags"]]) for tag in document["tags"]]
    every = [one for _, found in groups for one in found]
    chosen = next((one for one in every if one.id == request.args.get("op")), every[0])
    return render.page(
        "reference/page.html",
        document=document,
        groups=groups,
        chosen=chosen,
        params=[_param(one) for one in chosen.told.get("parameters", ())],
        body=list(_body(document, chosen.told)),
        answers=[_answer(document, status, one) for status, one in chosen.told["responses"].items()],
        curls=list(curls(chosen, request.host_url.rstrip("/") + document["servers"][0]["url"].rstrip("/"))),
    )


def asked(document: Json) -> Iterator[Asked]:
    """Every operation of the document."""
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            yield Asked(id=told["operationId"], method=method.upper(), path=path, told=told)


def lines(document: Json, schema: Json, depth: int = 0) -> Iterator[Line]:
    """The fields of an object, or of what a list holds, each followed by the fields within it."""
    found = _inner(document, schema)
    needed = found.get("required", ())
    for name, one in found.get("properties", {}).items():
        yield Line(name=name, kind=kind(document, one), text=one.get("description", ""), needed=name in needed, depth=depth)
        if depth < DEEPEST:
            yield from lines(document, one, depth + 1)


def kind(document: Json, schema: Json) -> str:
    """What a value is, in words."""
    if "$ref" in schema:
        return kind(document, _resolved(document, schema))
    if several := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(dict.fromkeys(kind(document, one) for one in several))
    if "enum" in schema:
        return "one of " + ", ".join(schema["enum"])
    types = schema.get("type", "anything")
    if isinstance(types, list):
        return " or ".join("null" if one == "null" else kind(document, {**schema, "type": one}) for one in types)
    if types == "array":
        return f"list of {_plural(kind(document, schema['items']))}"
    if types == "string" and schema.get("format") in FORMATS:
        return FORMATS[schema["format"]]
    bounds = f" from {schema.get('minimum', 0):,} to {schema['maximum']:,}" if "maximum" in schema else ""
    return KINDS.get(types, str(types)) + bounds


def curls(chosen: Asked, root: str) -> Iterator[tuple[str, str]]:
    """(what it does, command) for this operation, ready to be pasted but for the token."""
    told = chosen.told
    path = chosen.path
    for param in told.get("parameters", ()):
        path = path.replace("{" + param["name"] + "}", str(param.get("example", "")))
    words = ["curl"] if told.get("security") == [] else ["curl", "-H", "Authorization: Bearer TOKEN"]
    if chosen.method == "GET":
        listed = any(param["name"] == "limit" for param in told.get("parameters", ()))
        yield "", _typed([*words, root + path + ("?" + urlencode({"limit": 20}) if listed else "")])
        return
    examples = told["requestBody"]["content"]["application/json"].get("examples", {}) if "requestBody" in told else {}
    for name, one in examples.items():
        yield name, _typed([*words, "--json", json.dumps(one["value"], ensure_ascii=False), root + path])
    if not examples:
        yield "", _typed([*words, "-X", chosen.method, root + path])


def _typed(words: list[str]) -> str:
    return " ".join(shlex.quote(word) for word in words)


def _param(one: Json) -> Line:
    """A parameter; where it goes is said where that is not the query string."""
    where = {"path": "in the path", "header": "a header"}.get(one["in"], "")
    text = ". ".join(part for part in (where.capitalize(), one.get("description", "")) if part)
    return Line(name=one["name"], kind=kind({}, one["schema"]), text=text, needed=bool(one.get("required")))


def _body(document: Json, told: Json) -> Iterator[Line]:
    if "requestBody" in told:
        yield from lines(document, told["requestBody"]["content"]["application/json"]["schema"])


def _answer(document: Json, status: str, one: Json) -> dict[str, Any]:
    """One answer: its status, what it means, its fields, an example."""
    found = _resolved(document, one)
    content = found.get("content", {})
    told = content.get("application/json", {})
    example = told.get("example")
    return {
        "status": status,
        "text": found["description"],
        "kinds": [name for name in content if name != "application/json"],
        "lines": list(lines(document, told["schema"])) if "schema" in told and status[0] == "2" else [],
        "example": "" if example is None else json.dumps(example, indent=2, ensure_ascii=False),
        "code": (example or {}).get("error", {}).get("code", ""),
    }


def _resolved(document: Json, schema: Json) -> Json:
    """What a reference means; anything else is itself."""
    while "$ref" in schema:
        found: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    return schema


def _inner(document: Json, schema: Json) -> Json:
    """The object that a schema is, or that the list it is holds."""
    found = _resolved(document, schema)
    if "items" in found:
        return _inner(document, found["items"])
    for one in found.get("anyOf", found.get("oneOf", ())):
        if "properties" in (inner := _inner(document, one)):
            return inner
    return found


def _plural(word: str) -> str:
    return f"{word}s" if word in ("text", "object", "number", "id", "time") else word
