"""Edit and retry, and duplicate: a form of the job's arguments, the difference, and a new job from it.

1. GET shows the form, filled in from the stored arguments.
2. POST reads it and makes the job, as far as that goes without pushing it. Where something is wrong the form comes back
   with what; else the difference is shown.
3. POST with `sure` does the same once more and pushes. `change` goes back to the form, with everything as it was written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flask import request, url_for
from werkzeug.wrappers import Response

from horizon.control.editing import EditControl, changed
from horizon.control.revealing import RevealControl
from horizon.core.errors import BackendUnavailable, HorizonError, InvalidInput
from horizon.core.record import Record
from horizon.jobs import answers, code, form, stored
from horizon.jobs.answers import Entry
from horizon.jobs.stored import Json
from horizon.security.permissions import Ability, require
from horizon.security.redaction import MASK, secret
from horizon.security.sealed import is_sealed
from horizon.web import render, sight, text
from horizon.web.pages import frame, job_found
from horizon.web.render import Toast
from horizon.web.state import state_of
from horizon.web.words import plural

MOST = 200_000
"""Bytes of arguments that a form takes."""
SHOWN = 400
"""Characters of a value on either side of the difference."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """A job's form as it stands."""

    record: Record
    verb: str
    """`edit` or `duplicate`."""
    before: Mapping[str, Json]
    entries: tuple[Entry, ...]
    secrets: tuple[str, ...]
    known: bool

    @property
    def shape(self) -> str:
        """Tells two forms apart: after a deploy the fields may be others than those somebody is looking at."""
        spelt = repr([(entry.field.name, entry.field.kind, entry.field.choices) for entry in self.entries])
        return hashlib.blake2s(spelt.encode("utf-8", "backslashreplace"), digest_size=6).hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One line of the difference, as Python; None: not given."""

    name: str
    before: str | None
    after: str | None


def edit(id: str) -> Response:
    """GET, POST /jobs/ID/edit"""
    return _answer(id, "edit")


def duplicate(id: str) -> Response:
    """GET, POST /jobs/ID/duplicate"""
    return _answer(id, "duplicate")


def _answer(id: str, verb: str) -> Response:
    sheet = _sheet(id, verb)
    if request.method == "GET":
        return _form(sheet, sheet.entries)
    if request.form.get("shape") != sheet.shape:
        return _form(
            sheet, sheet.entries, wrong="The form of this job has changed since you opened it; here it is as it is now.", status=409
        )
    filled, arguments = answers.read(sheet.entries, request.form, sheet.secrets)
    if request.form.get("change") or arguments is None:
        return _form(sheet, filled, status=200 if arguments is not None else 422)
    try:
        _different(sheet, arguments)
        return _pushed(sheet, arguments) if request.form.get("sure") else _checked(sheet, filled, arguments)
    except BackendUnavailable:
        raise
    except HorizonError as error:
        return _form(sheet, answers.at_field(filled, str(error)), wrong=str(error), status=422)


def _sheet(id: str, verb: str) -> Sheet:
    actor, runtime = frame.actor(), state_of().runtime
    require(actor, Ability.OPERATE)
    require(actor, Ability.PAYLOADS)
    record = job_found.find(frame.store(), id)
    seen = sight.of(record.name)
    readable = record
    if is_sealed(record.payload):
        found = RevealControl(runtime).open(actor, record, verb="reveal")
        readable, seen = found.record, replace(seen, secret=(*seen.secret, *found.names))
    before = stored.arguments(readable.payload)
    if before is None:
        raise InvalidInput("the stored arguments of this job cannot be read, so there is nothing to edit")
    if len(readable.payload or b"") > MOST or stored.too_deep(before):
        raise InvalidInput(f"the arguments of this job are larger than the {MOST:,} bytes that a form takes, or nested too deeply for one")
    cls = runtime.registry.find(record.name)
    entries = answers.entries(form.fields(cls, before), before, seen, render.viewer().zone_name)
    return Sheet(record=record, verb=verb, before=before, entries=entries, secrets=seen.secret, known=cls is not None)


def _different(sheet: Sheet, arguments: Mapping[str, Json]) -> None:
    """Raise InvalidInput for an edit that changes nothing: a click on the wrong button, more likely than not."""
    if sheet.verb == "edit" and not changed(sheet.before, arguments):
        raise InvalidInput("Nothing was changed. To run it again as it is, use Retry; for a second job with the same arguments, Duplicate.")


def _checked(sheet: Sheet, filled: tuple[Entry, ...], arguments: Mapping[str, Json]) -> Response:
    """The difference, of a job that could be pushed as it is."""
    names = changed(sheet.before, arguments)
    EditControl(state_of().runtime).check(frame.actor(), sheet.record, arguments)
    return _page("job/check.html", sheet, entries=filled, changes=_changes(sheet, names, arguments), kept=len(set(arguments) - set(names)))


def _changes(sheet: Sheet, names: Sequence[str], after: Mapping[str, Json]) -> list[Change]:
    def shown(values: Mapping[str, Json], name: str) -> str | None:
        if name not in values:
            return None
        hidden = values[name] is not None and secret(name, sheet.secrets)
        return MASK if hidden else text.cut(code.literal(answers.masked(values[name], sheet.secrets)), SHOWN)

    return [Change(name=name, before=shown(sheet.before, name), after=shown(after, name)) for name in names]


def _pushed(sheet: Sheet, arguments: Mapping[str, Json]) -> Response:
    made = EditControl(state_of().runtime).push(frame.actor(), sheet.record, arguments, verb=sheet.verb)
    names = changed(sheet.before, arguments)
    what = f", with {plural(len(names), 'argument')} changed" if names else ""
    name = text.plain(text.short_name(made.name), 80)
    return render.acted(Toast(text=f"Dispatched {name} again{what}"), url_for("horizon.job", id=made.id, connection=frame.connection()))


def _form(sheet: Sheet, entries: Sequence[Entry], *, wrong: str = "", status: int = 200) -> Response:
    return _page("job/form.html", sheet, entries=entries, wrong=wrong, status=status)


def _page(template: str, sheet: Sheet, *, status: int = 200, **more: object) -> Response:
    back = url_for("horizon.job", id=sheet.record.id, connection=frame.connection())
    target = f"horizon.job_{sheet.verb}"
    given = {"job": sheet.record, "sheet": sheet, "back": back, "target": target, **more, **frame.standing()}
    return render.page(template, status=status, shell="page", **given)
