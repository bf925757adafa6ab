"""A new job of any class that is registered here: its form comes from the constructor, and nothing is ever imported by a name.

GET without a name asks which class; GET with one shows its form. POST reads it, and pushes the job where all of it is right;
else the form comes back with what is wrong, at the field where it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import request, url_for
from werkzeug.wrappers import Response

from horizon.control.dispatching import DispatchControl, NewJob
from horizon.core import dead
from horizon.core.errors import BackendUnavailable, HorizonError, InvalidOption
from horizon.core.lanes import is_lane
from horizon.jobs import answers, form, options
from horizon.jobs.answers import Entry
from horizon.jobs.shape import Shape
from horizon.security.permissions import Ability, require
from horizon.web import render, sight, text
from horizon.web.pages import frame
from horizon.web.render import Toast
from horizon.web.state import state_of

OFFERED = 500
"""Classes and queues that are offered; any other can be typed."""
OURS, GUESTS = "horizon.", "horizon.demo."
"""Jobs that Horizon itself dispatches are named so, and nobody else does; those of the demo are jobs like anybody's."""
TEXTS = ("queue", "priority", "delay", "tags", "connection")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """The form of one class."""

    name: str
    cls: type[Shape]
    entries: tuple[Entry, ...]
    secrets: tuple[str, ...]
    about: str
    """The first line of its docstring."""

    @property
    def shape(self) -> str:
        """Tells two forms apart: after a deploy the fields may be others than those somebody is looking at."""
        spelt = repr([(entry.field.name, entry.field.kind, entry.field.choices) for entry in self.entries])
        return hashlib.blake2s(spelt.encode("utf-8", "backslashreplace"), digest_size=6).hexdigest()


def new() -> Response:
    """GET, POST /new/job"""
    require(frame.actor(), Ability.OPERATE)
    state_of().imports.ensure()
    name = request.values.get("name", "").strip()
    cls = _registered(name)
    if cls is None:
        wrong = f"No class is registered here under the name {text.plain(name, 80)}; name its module in HORIZON_IMPORTS." if name else ""
        return _page("job/choose.html", name=name, names=_names(), wrong=wrong, status=422 if name else 200)
    sheet = _sheet(name, cls)
    if request.method == "GET":
        return _form(sheet, sheet.entries)
    if request.form.get("shape") != sheet.shape:
        return _form(
            sheet, sheet.entries, wrong="The form of this class has changed since you opened it; here it is as it is now.", status=409
        )
    return _answered(sheet)


def _registered(name: str) -> type[Shape] | None:
    if not name or len(name) > options.MAX_NAME or _ours(name):
        return None
    return state_of().runtime.registry.find(name)


def _ours(name: str) -> bool:
    return name.startswith(OURS) and not name.startswith(GUESTS)


def _names() -> list[str]:
    return [name for name in state_of().runtime.registry.names() if not _ours(name)][:OFFERED]


def _sheet(name: str, cls: type[Shape]) -> Sheet:
    seen = sight.of(name)
    made = answers.entries(form.fields(cls, {}), {}, seen, render.viewer().zone_name)
    about = (cls.__doc__ or "").strip().partition("\n")[0]
    return Sheet(name=name, cls=cls, entries=made, secrets=seen.secret, about=about)


def _answered(sheet: Sheet) -> Response:
    filled, arguments = answers.read(sheet.entries, request.form, sheet.secrets)
    given = _options()
    wanted, faults = wish(given)
    if arguments is None or faults:
        return _form(sheet, filled, given=given, faults=faults, status=422)
    try:
        made = DispatchControl(state_of().runtime).push(frame.actor(), NewJob(name=sheet.name, args=arguments, **wanted))  # type: ignore[arg-type]
    except BackendUnavailable:
        raise
    except HorizonError as error:
        return _form(sheet, answers.at_field(filled, str(error)), given=given, wrong=str(error), status=422)
    told = f"Dispatched {text.plain(text.short_name(made.name), 80)}"
    return render.acted(Toast(text=told), url_for("horizon.job", id=made.id, connection=frame.connection()))


def _options() -> dict[str, str]:
    return {key: request.form.get(f"o.{key}", "").strip() for key in TEXTS}


def wish(given: Mapping[str, str]) -> tuple[dict[str, object], dict[str, str]]:
    """(what was asked for beside the arguments, what is wrong with it by its field); an empty field is as the class says. Pure."""
    wanted: dict[str, object] = {}
    faults: dict[str, str] = {}
    for key, read in (("queue", _queue), ("priority", _whole), ("delay", _seconds), ("tags", _tags), ("connection", str)):
        if not given.get(key):
            continue
        try:
            wanted[key] = read(given[key])
        except (HorizonError, ValueError) as error:
            faults[key] = str(error)
    return wanted, faults


def _queue(said: str) -> str:
    return options.queue(said)


def _whole(said: str) -> int:
    try:
        return options.priority(int(said))
    except ValueError:
        raise InvalidOption(f"A whole number from -100 to 100 is needed; got {said[:40]!r}.") from None


def _seconds(said: str) -> float:
    try:
        seconds = float(said)
    except ValueError:
        raise InvalidOption(f"A number of seconds is needed; got {said[:40]!r}.") from None
    options.delay(seconds)
    return seconds


def _tags(said: str) -> tuple[str, ...]:
    return options.tags([one.strip() for one in said.split(",") if one.strip()])


def _form(
    sheet: Sheet,
    entries: Sequence[Entry],
    *,
    given: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
    wrong: str = "",
    status: int = 200,
) -> Response:
    queues = [one.name for one in frame.store().queues.all() if not dead.is_dead(one.name) and not is_lane(one.name)][:OFFERED]
    shown = {"sheet": sheet, "entries": entries, "given": given or dict.fromkeys(TEXTS, ""), "faults": faults or {}, "queues": queues}
    return _page("job/new.html", wrong=wrong, status=status, **shown)


def _page(template: str, *, status: int = 200, **more: object) -> Response:
    return render.page(template, status=status, shell="page", **{**more, **frame.standing()})
