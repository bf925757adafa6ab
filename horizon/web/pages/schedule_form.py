"""The form of a schedule: a new one, or one that is edited. A form that will not do comes back with what was typed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

from flask import request, url_for
from werkzeug.wrappers import Response

from horizon.backends.schedules import CODE, Schedule
from horizon.control.schedules import ScheduleControl, wanted_of
from horizon.core.clock import SECOND, Micros
from horizon.core.dead import is_dead
from horizon.core.errors import BackendUnavailable, HorizonError, InvalidTransition
from horizon.jobs.registry import REGISTRY
from horizon.monitor import schedules as seen
from horizon.security.permissions import Ability, require
from horizon.timetable.wanted import Wanted
from horizon.timetable.words import CATCH_UP, MISFIRE, OVERLAP
from horizon.web import render, sight
from horizon.web.auth import current_actor
from horizon.web.pages import frame, schedule_fields
from horizon.web.pages.schedule_fields import OPTIONS, Form, field_of
from horizon.web.pages.schedules import found
from horizon.web.render import Toast
from horizon.web.state import state_of

JOBS = 300
"""Names of jobs that are offered; any other can be typed."""
TEXTS = ("name", "job", "when", "timezone", "args", "queue", "priority", "timeout", "max_tries", "misfire", "most", "overlap", "jitter")
"""Every field, as text."""
CHANGED = "Somebody has changed this schedule since you opened the form; save again to have it as it stands here."


def new() -> Response:
    """GET, POST /new/schedule"""
    require(current_actor(), Ability.OPERATE)
    given = {
        "when": "0 2 * * *",
        "timezone": state_of().settings.TIMEZONE,
        "misfire": "once",
        "most": "10",
        "overlap": "allow",
        "jitter": "0",
    }
    return _answered({**dict.fromkeys(TEXTS, ""), **given}, None)


def edit(name: str) -> Response:
    """GET, POST /schedules/NAME/edit"""
    require(current_actor(), Ability.OPERATE)
    row = found(name)
    if row.schedule.source == CODE:
        raise InvalidTransition(f"the schedule {name!r} is defined in the code, where it is edited; here it can be paused and run")
    return _answered(typed(row.schedule, hidden(row.schedule)), row.schedule)


def _answered(start: Form, before: Schedule | None) -> Response:
    state_of().imports.ensure()
    if request.method == "GET":
        return _drawn(start, before)
    form = {key: request.form.get(key, "").strip() for key in TEXTS}
    try:
        if "look" in request.form:
            return _drawn(form, before, ahead=_ahead(form), was=request.form.get("was", ""))
        if before is not None and request.form.get("was", "") not in ("", stood(before)):
            raise InvalidTransition(CHANGED)
        made = _kept(form, before)
    except BackendUnavailable:
        raise
    except HorizonError as error:
        return _drawn(form, before, wrong=str(error), at="" if before and isinstance(error, InvalidTransition) else field_of(error, form))
    told = f"{'Changed' if before else 'Added'} {made.name}"
    return render.acted(Toast(text=told), url_for("horizon.schedule", name=made.name))


def _kept(form: Form, before: Schedule | None) -> Schedule:
    control, wanted = ScheduleControl(state_of().runtime), wish(form, before)
    if before is None:
        return control.add(current_actor(), wanted)
    changes = {
        key: getattr(wanted, key) for key in ("target", "when", "timezone", "args", "options", "misfire", "most", "overlap", "jitter")
    }
    return control.edit(current_actor(), before.name, changes)


def _ahead(form: Form) -> tuple[str, Sequence[Micros]]:
    now = state_of().runtime.backend().now()
    return seen.preview(form["when"], form["timezone"] or state_of().settings.TIMEZONE, now)


def stood(one: Schedule) -> str:
    """What tells a form that was opened before somebody else's edit: the same for as long as nothing in it is other."""
    return hashlib.blake2s(repr(sorted(typed(one, hidden(one)).items())).encode(), digest_size=6).hexdigest()


def _drawn(
    form: Form,
    before: Schedule | None,
    wrong: str = "",
    at: str = "",
    ahead: tuple[str, Sequence[Micros]] | None = None,
    was: str = "",
) -> Response:
    """The form; `at`: the field that is `wrong`."""
    return render.page(
        "schedules/form.html", status=422 if wrong else 200, at=state_of().runtime.backend().now(), shell="page", form=form, before=before,
        hidden=before is not None and hidden(before), wrong=wrong, fault=at, ahead=ahead, was=was or (stood(before) if before else ""), misfires=MISFIRE, overlaps=OVERLAP,
        jobs=REGISTRY.names()[:JOBS], queues=[one.name for one in state_of().runtime.backend().queues.all()[:JOBS] if not is_dead(one.name)], **frame.standing(),
    )  # fmt: skip


# text and values ----------------------------------------------------------------------------------


def hidden(one: Schedule) -> bool:
    """Whether some of its arguments are masked for who asks: what cannot be read must not be written over."""
    raw = json.loads(one.args)
    return bool(sight.of(one.target).data(raw) != raw)


def typed(one: Schedule, masked: bool) -> dict[str, str]:
    """A schedule as its form holds it."""
    known = {key: _text(one.options.get(key)) for key in OPTIONS}
    args = "" if masked or one.args == "{}" else json.dumps(json.loads(one.args), indent=2, ensure_ascii=False)
    return {
        **known, "name": one.name, "job": one.target, "when": one.when, "timezone": one.timezone, "args": args, "misfire": one.misfire,
        "most": str(one.most), "overlap": one.overlap, "jitter": f"{one.jitter / SECOND:g}",
    }  # fmt: skip


def _text(value: object) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def wish(form: Form, before: Schedule | None) -> Wanted:
    """What a form asks for; an empty field is as usual. Raises InvalidInput."""
    start = Wanted(target=None, when=None) if before is None else wanted_of(before)
    options = {key: value for key, value in start.options.items() if key not in OPTIONS}
    return replace(
        start,
        target=form["job"],
        when=form["when"],
        name=start.name or form["name"] or None,
        timezone=form["timezone"] or None,
        args=start.args if before is not None and not form["args"] and hidden(before) else schedule_fields.arguments(form),
        options={**options, **schedule_fields.options(form)},
        misfire=form["misfire"] or "once",
        most=schedule_fields.number(form, "most", int) or CATCH_UP,
        overlap=form["overlap"] or "allow",
        jitter=schedule_fields.number(form, "jitter", float),
    )
