"""Acts on several queues, from their list."""

from __future__ import annotations

from collections import Counter

from flask import request, url_for
from werkzeug.wrappers import Response

from horizon.control.many import Done, LeftAlone, each
from horizon.control.queues import QueueControl
from horizon.control.verbs import unknown
from horizon.core.errors import InvalidInput
from horizon.core.states import JobState
from horizon.monitor.figures import QueueFigures
from horizon.security.permissions import Ability, Actor, require
from horizon.web import render
from horizon.web.auth import current_actor
from horizon.web.lists import QUEUES
from horizon.web.pages import picking
from horizon.web.pages.picking import Picked, Question
from horizon.web.pages.queues import key_of
from horizon.web.render import Toast
from horizon.web.state import state_of
from horizon.web.words import plural

TITLES = {"pause": "Pause {many}?", "resume": "Resume {many}?"}
YES = {"pause": "Pause {many}", "resume": "Resume {many}"}
DONE = {"pause": "Paused {many}", "resume": "Resumed {many}"}
EFFECTS = {"pause": "What runs ends; nothing of them starts until they are resumed.", "resume": "Their jobs are started again."}
UNDONE_BY = {"pause": "resume", "resume": "pause"}


def act() -> Response:
    """POST /queues/act for rows of the list. Raises UnknownAction, InvalidInput, InvalidFilter."""
    actor, picked = current_actor(), picking.read(request.form, "queues", picking.lines)
    if picked.verb not in YES:
        raise unknown(picked.verb, list(YES))
    require(actor, Ability.OPERATE)
    back = render.safe_back(request.form.get("back"), url_for("horizon.queues"))
    rows = found(picked)
    if not picked.sure and picked.match is not None:
        fields = [*picked.fields(""), ("saw", str(len(rows)))]
        return render.asked("confirm/rows.html", ask=question(picked.verb, rows), at_form="horizon.act_on_queue", fields=fields, back=back)
    return render.acted(told(picked.verb, do(actor, picked.verb, rows, picked.reason)), back)


def found(picked: Picked) -> list[QueueFigures]:
    """The queues it is about. Raises InvalidFilter, InvalidInput."""
    rows = state_of().stats.overview().queues
    keys = set(picked.keys)
    fit = QUEUES.understand(picked.match).of(rows) if picked.match is not None else [row for row in rows if key_of(row) in keys]
    if not fit:
        raise InvalidInput("none of these queues is there any more")
    return fit


def question(verb: str, rows: list[QueueFigures]) -> Question:
    """What to ask before. Pure."""
    many, left = plural(len(rows), "queue"), sum(bool(_needless(verb, row)) for row in rows)
    jobs = Counter({state.value: sum(row.count(state) for row in rows) for state in (JobState.PENDING, JobState.PROCESSING)})
    return Question(
        title=TITLES[verb].format(many=many), text=EFFECTS[verb], yes=YES[verb].format(many=many), takes_reason=verb == "pause",
        counts=(("Jobs", {state: count for state, count in jobs.items() if count}),),
        notes=[f"Left as they are, because it would change nothing: {plural(left, 'queue')}."] if left else [],
    )  # fmt: skip


def _needless(verb: str, row: QueueFigures) -> str:
    """Why there is nothing to do for it; empty: there is."""
    if row.lane:
        return "its jobs are on their way to another connection"
    if verb == "pause":
        return "it is paused already" if row.paused else ""
    return "" if row.paused else "it is not paused"


def do(actor: Actor, verb: str, rows: list[QueueFigures], reason: str | None) -> Done:
    """Do it to each of them; those for which there is nothing to do are left as they are."""
    control, by_key = QueueControl(state_of().runtime), {key_of(row): row for row in rows}

    def one(key: str) -> None:
        row = by_key[key]
        if why := _needless(verb, row):
            raise LeftAlone(why)
        if verb == "pause":
            control.pause(actor, row.name, reason=reason, connection=row.connection)
        else:
            control.resume(actor, row.name, connection=row.connection)

    return each(list(by_key), one)


def told(verb: str, said: Done) -> Toast:
    """The toast after it. Pure."""
    undo = {"action": "queue", "do": UNDONE_BY[verb], "rows": picking.joined(said.done), "page": "1"}
    return picking.told(DONE[verb].format(many=plural(len(said.done), "queue")), said, undo)
