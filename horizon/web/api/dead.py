"""Dead letters: which queues have some; run them again, remove them. The letters themselves are in the list of jobs."""

from __future__ import annotations

from collections.abc import Sequence

from flask import jsonify, request
from werkzeug.wrappers import Response

from horizon.backends.values import Operation
from horizon.control import pacing
from horizon.control.dead import DeadControl, DeadLetters
from horizon.control.verbs import unknown
from horizon.core import dead
from horizon.core.errors import InvalidOption
from horizon.web.api import answers, shapes
from horizon.web.api.body import Body
from horizon.web.api.operations import goes_on
from horizon.web.api.shapes import Json
from horizon.web.auth import current_actor
from horizon.web.state import state_of

CARE = ("pace", "canary", "stop_when_failing")
REQUEUE, PURGE = ACTIONS = ("requeue", "purge")


def list_dead() -> Response:
    """`GET /api/dead`: the queues that have dead letters, by name."""
    found = DeadControl(state_of().runtime).queues(request.args.get("connection") or None)
    return answers.unless_same(listed(found))


def listed(found: Sequence[DeadLetters]) -> Json:
    """As the API shows them; `jobs` is what to ask the list of jobs for."""
    rows = [
        {"queue": one.queue, "connection": one.connection, "count": one.count, "jobs": f"queue:{dead.letters(one.queue)}"} for one in found
    ]
    return {"items": rows, "next": None, "total": len(rows), "total_at_least": len(rows)}


def control() -> Response:
    """`POST /api/dead/control`: requeue or purge those of one queue."""
    body = Body.read(("action", "queue", *CARE, "reason", "connection"))
    action, queue, connection = body.fields.get("action"), body.text("queue"), body.text("connection")
    if action not in ACTIONS:
        raise unknown(action, list(ACTIONS))
    if queue is None:
        raise InvalidOption(f"{action} needs queue: the queue whose dead letters are meant")
    care, letters, actor = pacing.care(*(body.fields.get(name) for name in CARE)), DeadControl(state_of().runtime), current_actor()
    if action == PURGE and care is not None:
        raise InvalidOption("a pace, a canary and a share to stop at are for requeue; purge runs nothing, and is done as fast as it goes")
    said = (
        letters.requeue(actor, queue, connection=connection, pace=care, note=body.text("reason"))
        if action == REQUEUE
        else letters.purge(actor, queue, reason=body.text("reason"), connection=connection)
    )
    return goes_on(said) if isinstance(said, Operation) else jsonify(shapes.acted(str(action), said))
