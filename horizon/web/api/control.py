"""`jobs/control`: everything that can be done to jobs and queues, under one address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import jsonify
from werkzeug.wrappers import Response

from horizon.backends.values import Acted, ActParams, Operation, Verb
from horizon.control import pacing
from horizon.control.acting import backend_of
from horizon.control.jobs import JobControl
from horizon.control.preview import preview
from horizon.control.queues import QueueControl
from horizon.control.store import StoreControl
from horizon.control.verbs import ALIASES, RULES, unknown, verb_of
from horizon.core.clock import Micros
from horizon.core.errors import InvalidOption, InvalidTransition, NotFound
from horizon.core.query import JobQuery, Selection
from horizon.security.permissions import Ability, require
from horizon.web import filters
from horizon.web.api import answers, shapes
from horizon.web.api.body import Body
from horizon.web.api.dead import CARE
from horizon.web.api.operations import goes_on
from horizon.web.auth import current_actor
from horizon.web.state import state_of

FIELDS = ("action", "job_id", "job_ids", "filter", "queue", "priority", "at", "reason", *CARE, "connection")
PREVIEWED = ("action", "job_id", "job_ids", "filter", "connection")
UNCANCEL = "uncancel"
ON_JOBS = (*(verb.value for verb in Verb), *ALIASES)
ON_QUEUES = ("pause", "resume", "drain", "clear", "unclear")
ON_STORE = ("cleanup",)
ACTIONS = (*ON_JOBS, UNCANCEL, *ON_QUEUES, *ON_STORE)


def list_actions() -> Response:
    """`GET /api/jobs/control`: what there is, what each needs, and whether the asker may."""
    actor = current_actor()
    rows = [(word, RULES[verb_of(word)].ability, sorted(RULES[verb_of(word)].takes), RULES[verb_of(word)].needs) for word in ON_JOBS]
    rows += [(UNCANCEL, Ability.OPERATE, [], None)]
    rows += [(word, Ability.OPERATE, ["at", "queue", "reason"], "queue") for word in ("pause", "drain")]
    rows += [("resume", Ability.OPERATE, ["queue"], "queue"), ("clear", Ability.ADMIN, ["queue", "reason"], "queue")]
    rows += [("unclear", Ability.ADMIN, ["queue"], "queue")]
    rows += [("cleanup", Ability.OPERATE, [], None)]
    told = [{"action": word, "takes": takes, "needs": needs, "allowed": actor.can(ability)} for word, ability, takes, needs in rows]
    return answers.unless_same({"actions": told})


def act() -> Response:
    """`POST /api/jobs/control`."""
    body = Body.read(FIELDS)
    action = body.fields.get("action")
    if action in ON_QUEUES:
        return _on_queue(action, body)
    if action in ON_STORE:
        trimmed = StoreControl(state_of().runtime).cleanup(current_actor(), body.text("connection"))
        return jsonify({"action": action, "done": trimmed, "skipped": []})
    if action == UNCANCEL:
        return _put_back(body)
    if action not in ON_JOBS:
        raise unknown(action, list(ACTIONS))
    return _on_jobs(str(action), body)


def show_preview() -> Response:
    """`POST /api/jobs/preview`: what an act on jobs would touch. Nothing is changed."""
    body = Body.read(PREVIEWED)
    verb, connection = verb_of(body.fields.get("action")), body.text("connection")
    require(current_actor(), RULES[verb].ability)
    selection = selected(body, connection)
    query = JobQuery(ids=selection.ids) if selection.query is None else selection.query
    return jsonify(shapes.preview(verb.value, preview(backend_of(state_of().runtime, connection), query), verb))


def _on_jobs(action: str, body: Body) -> Response:
    connection = body.text("connection")
    selection = selected(body, connection)
    params = ActParams(at=body.moment("at"), priority=body.integer("priority"), queue=body.text("queue"))
    care = pacing.care(*(body.fields.get(name) for name in CARE))
    done = JobControl(state_of().runtime).act(
        current_actor(), action, selection, params, connection, care, note=body.text("reason")
    )  # fmt: skip
    if isinstance(done, Operation):
        return goes_on(done)
    if not done.done and body.text("job_id") is not None:
        _refuse(done, selection.ids[0], connection)
    return jsonify(shapes.acted(action, done))


def _put_back(body: Body) -> Response:
    """What was cancelled goes back to where it waited."""
    if named := [field for field in ("queue", "priority", "at", "reason", *CARE) if body.fields.get(field) is not None]:
        raise InvalidOption(f"{UNCANCEL} puts jobs back to where they waited and does not take {' or '.join(named)}")
    connection = body.text("connection")
    selection = selected(body, connection)
    done = JobControl(state_of().runtime).uncancel(current_actor(), selection, connection)
    if isinstance(done, Operation):
        return goes_on(done)
    if not done.done and body.text("job_id") is not None:
        _refuse(done, selection.ids[0], connection)
    return jsonify(shapes.acted(UNCANCEL, done))


def _refuse(done: Acted, id: str, connection: str | None) -> None:
    """One job was named and nothing was done: that is an error, 404 where there is no such job, 409 otherwise."""
    if not backend_of(state_of().runtime, connection).many([id]):
        raise NotFound(f"there is no job {id[:80]!r}")
    raise InvalidTransition(done.skipped[0][1] if done.skipped else "nothing was done")


def selected(body: Body, connection: str | None) -> Selection:
    """The jobs a body names, in exactly one of three ways. Raises InvalidOption, InvalidFilter."""
    id, ids, has_filter = body.text("job_id"), body.texts("job_ids"), body.fields.get("filter") is not None
    given = [name for name, there in (("job_id", id is not None), ("job_ids", ids is not None), ("filter", has_filter)) if there]
    if len(given) != 1:
        raise InvalidOption(f"name the jobs by exactly one of job_id, job_ids and filter; got {' and '.join(given) or 'none of them'}")
    if has_filter:
        return Selection(query=filters.query_of(_filter(body), now=backend_of(state_of().runtime, connection).now()))
    if ids == []:
        raise InvalidOption("job_ids is empty; name at least one")
    return Selection(ids=tuple(dict.fromkeys(ids or [id or ""])))


def _filter(body: Body) -> Mapping[str, str]:
    """The filter, as text of the search language or as the parameters of the list."""
    value: Any = body.fields["filter"]
    if isinstance(value, str):
        return {"q": value}
    allowed = {"q", "state", "queue"}
    if not isinstance(value, dict) or not all(name in allowed and isinstance(text, str) for name, text in value.items()):
        raise InvalidOption('filter takes a search text such as "state:failed queue:emails", or an object of the texts q, state and queue')
    return value


def _on_queue(action: str, body: Body) -> Response:
    name, connection = body.text("queue"), body.text("connection")
    if name is None:
        raise InvalidOption(f"{action} needs queue: the name of the queue")
    if named := [field for field in ("job_id", "job_ids", "filter", "priority", *CARE) if body.fields.get(field) is not None]:
        raise InvalidOption(f"{action} acts on a queue and does not take {' or '.join(named)}")
    return _done_to_queue(action, name, connection, until=body.moment("at"), reason=body.text("reason"))


def _done_to_queue(action: str, name: str, connection: str | None, *, until: Micros | None, reason: str | None) -> Response:
    control, actor = QueueControl(state_of().runtime), current_actor()
    if until is not None and action in ("resume", "clear", "unclear"):
        raise InvalidOption(f"{action} happens at once and does not take at")
    if action in ("clear", "unclear"):
        clear = action == "clear"
        said = (
            control.clear(actor, name, reason=reason, connection=connection) if clear else control.unclear_latest(actor, name, connection)
        )
        return goes_on(said) if isinstance(said, Operation) else jsonify(shapes.acted(action, said))
    if action == "resume":
        control.resume(actor, name, connection=connection)
    elif action == "drain":
        control.drain(actor, name, until=until, reason=reason, connection=connection)
    else:
        control.pause(actor, name, until=until, reason=reason, connection=connection)
    return jsonify({"action": action, "done": 1, "skipped": []})
