"""Acts on several schedules, from their list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from flask import request, url_for
from werkzeug.wrappers import Response

from horizon.control.many import Done, LeftAlone, each
from horizon.control.schedules import ScheduleControl
from horizon.control.verbs import unknown
from horizon.core.errors import InvalidInput
from horizon.monitor import schedules as seen
from horizon.monitor.schedules import Row
from horizon.security.permissions import Ability, Actor, require
from horizon.web import render
from horizon.web.auth import current_actor
from horizon.web.lists import SCHEDULES, queue_of
from horizon.web.pages import picking
from horizon.web.pages.picking import Picked, Question
from horizon.web.render import Toast
from horizon.web.state import state_of
from horizon.web.words import plural

TITLES = {"run": "Run {many} now?", "pause": "Pause {many}?", "resume": "Resume {many}?"}
YES = {"run": "Run {many} now", "pause": "Pause {many}", "resume": "Resume {many}"}
DONE = {"run": "Dispatched the jobs of {many}", "pause": "Paused {many}", "resume": "Resumed {many}"}
EFFECTS = {
    "run": "Each dispatches its job once, beside its plan.",
    "pause": "Nothing of them is dispatched by plan until they are resumed.",
    "resume": "Each goes on with its next time after now; what passed meanwhile is not made up for.",
}
UNDONE_BY = {"pause": "resume", "resume": "pause"}


def act() -> Response:
    """POST /schedules/act for rows of the list. Raises UnknownAction, InvalidInput, InvalidFilter."""
    actor, picked = current_actor(), picking.read(request.form, "schedules", picking.lines)
    if picked.verb not in YES:
        raise unknown(picked.verb, list(YES))
    require(actor, Ability.OPERATE)
    state_of().imports.ensure()
    back = render.safe_back(request.form.get("back"), url_for("horizon.schedules"))
    rows = found(picked)
    if not picked.sure and (picked.match is not None or picked.verb == "run"):
        names = [row.schedule.name for row in rows]
        fields = [*picked.fields(picking.joined(names)), ("saw", str(len(rows)))]
        return render.asked(
            "confirm/rows.html", ask=question(picked.verb, rows), at_form="horizon.act_on_schedule", fields=fields, back=back
        )
    said = do(actor, picked.verb, {row.schedule.name: row for row in rows}, picked.reason)
    return render.acted(told(picked.verb, said), back)


def found(picked: Picked) -> list[Row]:
    """The schedules it is about. Raises InvalidFilter, InvalidInput."""
    rows = seen.board(state_of().runtime).rows
    if picked.match is not None:
        fit = SCHEDULES.understand(picked.match).of(rows)
    else:
        by_name = {row.schedule.name: row for row in rows}
        fit = [by_name[name] for name in picked.keys if name in by_name]
    if not fit:
        raise InvalidInput("none of these schedules is there any more")
    return fit


def question(verb: str, rows: list[Row]) -> Question:
    """What to ask before. Pure."""
    many = plural(len(rows), "schedule")
    states, queues = Counter(row.state for row in rows), Counter(queue_of(row) for row in rows)
    left = sum(bool(_needless(verb, row)) for row in rows)
    return Question(
        title=TITLES[verb].format(many=many), text=EFFECTS[verb], yes=YES[verb].format(many=many), takes_reason=verb == "pause",
        counts=(("State", states), ("Queue", queues)), notes=[f"Left as they are, because it would change nothing: {plural(left, 'schedule')}."] if left else [],
    )  # fmt: skip


def _needless(verb: str, row: Row) -> str:
    """Why there is nothing to do for it; empty: there is."""
    if verb == "pause" and row.schedule.paused:
        return "it is paused already"
    if verb == "pause" and row.schedule.gone:
        return "the code no longer defines it"
    return "it is not paused" if verb == "resume" and not row.schedule.paused else ""


def do(actor: Actor, verb: str, rows: Mapping[str, Row], reason: str | None) -> Done:
    """Do it to each of them; those for which there is nothing to do are left as they are."""
    control = ScheduleControl(state_of().runtime)
    acts: Mapping[str, Callable[[str], object]] = {
        "run": lambda name: control.run(actor, name),
        "pause": lambda name: control.pause(actor, name, reason),
        "resume": lambda name: control.resume(actor, name),
    }

    def one(name: str) -> None:
        if why := _needless(verb, rows[name]):
            raise LeftAlone(why)
        acts[verb](name)

    return each(list(rows), one)


def told(verb: str, said: Done) -> Toast:
    """The toast after it. Pure."""
    many = plural(len(said.done), "schedule")
    undo = {"action": "schedule", "do": UNDONE_BY[verb], "rows": picking.joined(said.done), "page": "1"} if verb in UNDONE_BY else {}
    return picking.told(DONE[verb].format(many=many), said, undo)
