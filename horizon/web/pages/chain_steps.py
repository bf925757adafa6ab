"""What the forms about the steps of a chain post to `/chains/steps`: `do` = `add:ID` with `name`, `args` and `after`, or
`remove:ID/STEP`, with `sure` once it was asked, or `restore:ID/STEP`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response

from horizon.control.dispatching import NewJob
from horizon.control.steps import StepControl
from horizon.control.verbs import unknown
from horizon.core.errors import InvalidInput
from horizon.core.group import GroupKind
from horizon.security.permissions import Ability, require
from horizon.web import render, text
from horizon.web.auth import current_actor
from horizon.web.pages.answering import answered
from horizon.web.render import Toast
from horizon.web.state import state_of

VERBS = ("add", "remove", "restore")
MOST = 200_000
"""Characters of arguments that the form takes."""


def on_steps() -> Response:
    """POST /chains/steps"""
    return answered(_act)


def _act() -> Response:
    verb, _, named = request.form.get("do", "").partition(":")
    if verb not in VERBS:
        raise unknown(verb, list(VERBS))
    require(current_actor(), Ability.OPERATE)
    id, _, step = named.partition("/")
    back = render.safe_back(request.form.get("back"), url_for("horizon.chain", id=id))
    if verb == "add":
        return _add(id, back)
    return _remove(id, step, back) if verb == "remove" else _restore(id, step, back)


def _add(id: str, back: str) -> Response:
    name, after = request.form.get("name", "").strip(), request.form.get("after", "").strip() or None
    state_of().imports.ensure()
    control = StepControl(state_of().runtime)
    control.add(current_actor(), id, NewJob(name=name, args=arguments(request.form.get("args", ""))), after=after, connection=_connection())
    return render.acted(Toast(text=f"Added {text.plain(text.short_name(name), 80)} to the chain"), back)


def _remove(id: str, step: str, back: str) -> Response:
    control = StepControl(state_of().runtime)
    if request.form.get("sure") != "1":
        chain = control.groups.get(id, GroupKind.CHAIN, _connection())
        return render.asked("group/step_ask.html", do=f"remove:{id}/{step}", number=request.form.get("number", ""), group=chain, back=back)
    gone = control.remove(current_actor(), id, step, _connection())
    told = f"Removed step {gone.number}, {text.plain(text.short_name(gone.name), 80)}; what waited for it waits for the step before it"
    undo = {"action": "step", "do": f"restore:{id}/{gone.id}", "connection": _connection() or ""}
    return render.acted(Toast(text=told, undo=undo), back)


def _restore(id: str, step: str, back: str) -> Response:
    state_of().imports.ensure()
    StepControl(state_of().runtime).restore(current_actor(), id, step, _connection())
    return render.acted(Toast(text="Put the step back to where it stood, as a new job"), back)


def arguments(typed: str) -> Mapping[str, Any]:
    """The JSON object that somebody typed; nothing typed is none. Raises InvalidInput."""
    if len(typed) > MOST:
        raise InvalidInput(f"the arguments have {len(typed):,} characters; {MOST:,} are the most")
    try:
        found = json.loads(typed) if typed.strip() else {}
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise InvalidInput(f'the arguments are a JSON object such as {{"day": 3}}; got {typed.strip()[:40]!r}')
    return found


def _connection() -> str | None:
    return request.form.get("connection") or None
