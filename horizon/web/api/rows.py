"""Acts on several rows of a list: `{"action", "names" or "filter", "reason"}`, answered with what became of each."""

from __future__ import annotations

from flask import jsonify
from werkzeug.wrappers import Response

from horizon.control import pacing
from horizon.control.acting import backend_of
from horizon.control.group_act import CANCEL, RETRY
from horizon.control.many import Done
from horizon.control.many_groups import GroupActs
from horizon.control.verbs import unknown
from horizon.core.errors import InvalidOption
from horizon.core.group import GroupKind
from horizon.core.ids import is_id
from horizon.security.permissions import Ability, require
from horizon.web import group_filters
from horizon.web.api import shapes
from horizon.web.api.body import Body
from horizon.web.api.dead import CARE
from horizon.web.api.operations import goes_on
from horizon.web.auth import current_actor
from horizon.web.pages import queue_bulk, schedule_bulk
from horizon.web.pages.picking import Picked
from horizon.web.state import state_of

FIELDS = ("action", "names", "filter", "reason")
OF_GROUPS = ("action", "ids", "filter", "reason", "connection", *CARE)


def on_schedules() -> Response:
    """`POST /api/schedules/control`: pause, resume or run several."""
    body = Body.read(FIELDS)
    picked = _picked(body, tuple(schedule_bulk.YES))
    require(current_actor(), Ability.OPERATE)
    state_of().imports.ensure()
    rows = {row.schedule.name: row for row in schedule_bulk.found(picked)}
    return jsonify(done(picked.verb, schedule_bulk.do(current_actor(), picked.verb, rows, picked.reason)))


def on_queues() -> Response:
    """`POST /api/queues/control`: pause or resume several; a name is `QUEUE/CONNECTION`, or that of a queue of the default one."""
    body = Body.read(FIELDS)
    picked = _picked(body, tuple(queue_bulk.YES))
    require(current_actor(), Ability.OPERATE)
    keys = tuple(name if "/" in name else f"{name}/{state_of().runtime.default}" for name in picked.keys)
    rows = queue_bulk.found(Picked(verb=picked.verb, keys=keys, match=picked.match))
    return jsonify(done(picked.verb, queue_bulk.do(current_actor(), picked.verb, rows, picked.reason)))


def on_groups(kind: GroupKind) -> Response:
    """`POST /api/batches/control` and its like: cancel several, or retry what failed of them, with care if it is asked for."""
    body = Body.read(OF_GROUPS)
    connection, actor, acts = body.text("connection"), current_actor(), GroupActs(state_of().runtime)
    picked = _picked(body, (CANCEL, RETRY), "ids")
    require(actor, Ability.OPERATE)
    if picked.match is None:
        about, found = "", acts.named([id for id in picked.keys if is_id(id)], kind, connection)
    else:
        query = group_filters.understand(picked.match, kind, now=backend_of(acts.stores, connection).now()).query
        about, found = group_filters.text_of(query), acts.matching(query, connection)
    care = pacing.care(*(body.fields.get(name) for name in CARE))
    said = acts.act(actor, picked.verb, found.groups, about=about, reason=picked.reason, connection=connection, care=care)
    return goes_on(said) if said.state == "running" else jsonify(shapes.operation_in_full(said))


def _picked(body: Body, verbs: tuple[str, ...], named: str = "names") -> Picked:
    """What a body is about. Raises UnknownAction, InvalidOption."""
    action, names, text = body.text("action"), body.texts(named), body.text("filter")
    if action not in verbs:
        raise unknown(action, list(verbs))
    if (names is None) == (text is None) or names == []:
        raise InvalidOption(f"name them by exactly one of {named} and filter, a search in the words of the page")
    match = None if text is None else {"q": text}
    return Picked(verb=str(action), keys=tuple(dict.fromkeys(names or ())), match=match, reason=body.text("reason"))


def done(action: str, said: Done) -> shapes.Json:
    """What became of each."""
    return {"action": action, "done": list(said.done), "left_alone": dict(said.left)}
