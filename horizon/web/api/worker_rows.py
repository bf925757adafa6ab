"""Acts on several workers: those of these ids, or all that match; answered with what became of each."""

from __future__ import annotations

from collections.abc import Sequence

from flask import jsonify
from werkzeug.wrappers import Response

from horizon.control.acting import backend_of
from horizon.control.many import LeftAlone, each
from horizon.control.processes import ABILITY, SCALE, ProcessControl
from horizon.core.errors import NotFound
from horizon.monitor.workers import Worker
from horizon.security.permissions import require
from horizon.web.api.body import Body
from horizon.web.auth import current_actor
from horizon.web.lists import WORKERS
from horizon.web.pages import worker_list
from horizon.web.state import state_of


def act(body: Body, action: str) -> Response:
    """Do it to each of them; those for which there is nothing to do are left as they are, with the reason."""
    actor = current_actor()
    require(actor, ABILITY)
    living = {worker.id: worker for worker in _living(body.text("connection"))}
    control, until, processes = ProcessControl(state_of().runtime), body.moment("until"), body.integer("processes")

    def one(id: str) -> None:
        worker = living.get(id)
        if why := needless(action, worker):
            raise LeftAlone(why)
        home = worker.connection if worker is not None else None
        if action == SCALE:
            control.scale(actor, id, processes, until=until, connection=home)
        else:
            control.command(actor, action, session=id, connection=home)

    said = each(_named(body, list(living.values())), one)
    return jsonify({"action": action, "done": len(said.done), "skipped": [{"id": id, "reason": why} for id, why in said.left.items()]})


def _living(connection: str | None) -> list[Worker]:
    if connection is not None:
        backend_of(state_of().runtime, connection)
    return [one for one in worker_list.read(state_of(), 0) if one.session.alive and connection in (None, one.connection)]


def _named(body: Body, living: Sequence[Worker]) -> list[str]:
    """Ids of those that are meant. Raises InvalidFilter, InvalidOption, NotFound where a search finds none."""
    names, text = body.texts("names"), body.text("filter")
    if text is None:
        return list(dict.fromkeys(names or ()))
    found = [one.id for one in WORKERS.understand({"q": text}).of(living)]
    if not found:
        raise NotFound(f"no living worker matches {text[:80]!r}")
    return found


def needless(action: str, worker: Worker | None) -> str:
    """Why there is nothing to do for it; empty: there is. Pure."""
    if worker is None:
        return "no living worker has this id"
    if worker.state == "draining":
        return "it is stopping already"
    if action == "pause":
        return "it is paused already" if worker.state == "paused" else ""
    return "it is not paused" if action == "resume" and worker.state != "paused" else ""
