"""A job as something to paste: a Python call, or a request to the API. Secrets are masked, as everywhere."""

from __future__ import annotations

import shlex

from flask import url_for
from werkzeug.wrappers import Response

from horizon.control.editing import FROM
from horizon.core import dead
from horizon.core.errors import InvalidInput
from horizon.core.record import Record
from horizon.jobs import code, stored
from horizon.jobs.answers import masked
from horizon.jobs.classes import name_of
from horizon.jobs.form import positional
from horizon.jobs.registry import REGISTRY
from horizon.jobs.stored import Json
from horizon.security.permissions import Ability, require
from horizon.security.redaction import MASK
from horizon.security.sealed import is_sealed
from horizon.web import render, sight
from horizon.web.pages import frame, job_found

TYPED = "Objects with “~” are values of types that JSON lacks: dates, decimals, enums, models. The API takes them so."
MASKED = f"{MASK} stands for a secret that is not shown; put the value in its place."


def as_python(id: str) -> Response:
    """GET /jobs/ID/python"""
    record, arguments = _read(id)
    notes = [MASKED] if MASK in str(arguments) else []
    return _shown(record, "As a Python call", python(record, arguments), notes)


def as_curl(id: str) -> Response:
    """GET /jobs/ID/curl"""
    record, arguments = _read(id)
    notes = [MASKED] if MASK in str(arguments) else []
    notes += [TYPED] if stored.has_tags(arguments) else []
    address = url_for("horizon.api_new_job", _external=True)
    return _shown(record, "As a request to the API", curl(record, arguments, address), notes)


def python(record: Record, arguments: dict[str, Json]) -> str:
    """The call that would dispatch it, with its import where the class is loaded here."""
    cls = REGISTRY.find(record.name)
    target = name_of(cls) if cls is not None and "<locals>" not in cls.__qualname__ else None
    first = positional(cls) if cls is not None else None
    return code.call(record.name, arguments, target=target, first=first)


def curl(record: Record, arguments: dict[str, Json], address: str) -> str:
    """The request that would dispatch it."""
    body: dict[str, Json] = {"name": record.name, "args": arguments, "queue": dead.own(record.queue)}
    if record.priority:
        body["priority"] = record.priority
    if tags := [tag for tag in record.tags if not tag.startswith(FROM)]:
        body["tags"] = tags
    return (
        f"curl -X POST {shlex.quote(address)} \\\n"
        '  -H "Authorization: Bearer $HORIZON_TOKEN" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        f"  -d {shlex.quote(code.plain(body))}"
    )


def _read(id: str) -> tuple[Record, dict[str, Json]]:
    require(frame.actor(), Ability.PAYLOADS)
    record = job_found.find(frame.store(), id)
    if is_sealed(record.payload):
        raise InvalidInput("this job is encrypted, and code to paste would not be; reveal it on its page")
    arguments = stored.arguments(record.payload) or {}
    if stored.too_deep(arguments):
        raise InvalidInput("the arguments of this job are nested too deeply to be written as code")
    return record, masked(arguments, sight.of(record.name).secret)


def _shown(record: Record, title: str, text: str, notes: list[str]) -> Response:
    back = url_for("horizon.job", id=record.id, connection=frame.connection())
    return render.page("job/copy.html", job=record, title=title, text=text, notes=notes, back=back, **frame.standing())
