"""What the forms about schedules post to `/schedules/act`: `do` = `VERB:NAME`, and a `reason` for a pause; or, from their list, `run`, `pause`
or `resume` with rows (see `picking`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import request, url_for
from werkzeug.wrappers import Response

from horizon.control.schedules import ScheduleControl
from horizon.core.errors import InvalidInput
from horizon.web import render
from horizon.web.auth import current_actor
from horizon.web.pages import schedule_bulk
from horizon.web.pages.answering import answered
from horizon.web.render import Toast
from horizon.web.state import state_of
from horizon.web.words import exact

Act = Callable[[ScheduleControl, str], Toast]


def on_schedule() -> Response:
    """POST /schedules/act"""
    return answered(_act)


def _act() -> Response:
    verb, _, name = request.form.get("do", "").partition(":")
    if not name:
        return schedule_bulk.act()
    if verb not in VERBS:
        raise InvalidInput(f"a schedule takes {', '.join(VERBS)}; got {verb[:40]!r}")
    state_of().imports.ensure()
    toast = VERBS[verb](ScheduleControl(state_of().runtime), name)
    return render.acted(toast, render.safe_back(request.form.get("back"), url_for("horizon.schedules")))


def _pause(control: ScheduleControl, name: str) -> Toast:
    control.pause(current_actor(), name, request.form.get("reason", "").strip() or None)
    return Toast(text=f"Paused {name}", undo={"action": "schedule", "do": f"resume:{name}"})


def _resume(control: ScheduleControl, name: str) -> Toast:
    made = control.resume(current_actor(), name)
    return Toast(text=f"Resumed {name}; it comes next at {exact(made.next_at, render.viewer().zone)}")


def _run(control: ScheduleControl, name: str) -> Toast:
    record = control.run(current_actor(), name)
    return Toast(text=f"Dispatched the job of {name} to {record.queue}")


def _remove(control: ScheduleControl, name: str) -> Toast:
    control.remove(current_actor(), name)
    return Toast(text=f"Removed {name}; the jobs it dispatched stay")


VERBS: Mapping[str, Act] = {"pause": _pause, "resume": _resume, "run": _run, "remove": _remove}
