"""Batches, chains and workflows: those there are, one with its steps, and cancelling or retrying what failed of it."""

from __future__ import annotations

from typing import Any

from flask import jsonify, request
from werkzeug.wrappers import Response

from horizon.backends.base import Backend
from horizon.control import marks, pacing
from horizon.control.acting import backend_of
from horizon.control.dispatching import NewJob
from horizon.control.groups import GroupControl, Retried
from horizon.control.steps import StepControl
from horizon.control.verbs import unknown
from horizon.core.clock import iso
from horizon.core.errors import InvalidOption, NotFound
from horizon.core.group import GroupKind, GroupPage, GroupRecord
from horizon.core.ids import is_id
from horizon.jobs.groups.pushing import GATE
from horizon.jobs.groups.removed import all_without_removed, without_removed
from horizon.jobs.groups.steps import GroupStatus, status_of
from horizon.security.payloads import Sight
from horizon.web import group_filters, sight
from horizon.web.api import answers
from horizon.web.api.body import Body
from horizon.web.api.dead import CARE
from horizon.web.api.shapes import Json
from horizon.web.auth import current_actor
from horizon.web.state import state_of

ACTIONS = ("cancel", "uncancel", "retry")
FIELDS = ("action", "reason", *CARE)
STEP_ACTIONS = ("add", "remove", "restore")
STEP_FIELDS = ("action", "name", "args", "after", "step")
MOST_STEPS = 1_000
"""Of a longer one the steps are not told: its jobs are found with `batch:ID`."""


def listed(kind: GroupKind) -> Response:
    """`GET /api/batches` and its like: newest first. Those nested in others are left out, unless `parent` asks for them."""
    seen, store = sight.of(""), backend_of(state_of().runtime, request.args.get("connection") or None)
    query = group_filters.understand(request.args, kind, now=store.now()).query

    def make() -> Json:
        return page(store.groups.find(query), seen, store, first=query.cursor is None)

    return answers.unless_known(store, make)


def shown(kind: GroupKind, id: str) -> Response:
    """`GET /api/batches/ID` and its like; a chain and a workflow with their steps."""
    found = _find(id, kind)
    return answers.unless_same(in_full(found, sight.of(""), state_of().runtime.backend(found.connection)))


def controlled(kind: GroupKind, id: str) -> Response:
    """`POST /api/batches/ID/control` and its like: `{"action": "cancel", "uncancel" or "retry"}`."""
    body, control = Body.read(FIELDS), GroupControl(state_of().runtime)
    action, found = body.text("action"), _find(id, kind)
    if action not in ACTIONS:
        raise unknown(action, list(ACTIONS))
    if action == "cancel":
        said = control.cancel(current_actor(), found.id, reason=body.text("reason"))
        return jsonify(group(without_removed(state_of().runtime.backend(said.connection), said), sight.of("")))
    if action == "uncancel":
        return jsonify(retried(control.uncancel(current_actor(), found.id), action))
    care = pacing.care(*(body.fields.get(name) for name in CARE))
    return jsonify(retried(control.retry_failed(current_actor(), found.id, care=care, note=body.text("reason"))))


def changed(id: str) -> Response:
    """`POST /api/chains/ID/steps`: `{"action": "add", "name": ..., "args": ..., "after": 2}` or `{"action": "remove" or "restore", "step": 3}`."""
    body, control, found = Body.read(STEP_FIELDS), StepControl(state_of().runtime), _find(id, GroupKind.CHAIN)
    action = body.text("action")
    if action not in STEP_ACTIONS:
        raise unknown(action, list(STEP_ACTIONS))
    if action == "add":
        state_of().imports.ensure()
        wanted = NewJob(name=body.text("name"), args=body.object("args") or {})
        job = control.add(current_actor(), found.id, wanted, after=_named(body, "after"))
        return jsonify({"action": action, "job_id": str(job)})
    step = _named(body, "step")
    if step is None:
        raise InvalidOption(f"{action} needs step: its number from 1, or its id")
    if action == "restore":
        state_of().imports.ensure()
        return jsonify({"action": action, "job_id": str(control.restore(current_actor(), found.id, step))})
    return jsonify({"action": action, "job_id": control.remove(current_actor(), found.id, step).id})


def _named(body: Body, field: str) -> int | str | None:
    """A step, by its number or its id."""
    return body.text(field) if isinstance(body.fields.get(field), str) else body.integer(field)


def retried(said: Retried, action: str = "retry") -> Json:
    """What a retry did, or putting back what a cancel has ended."""
    skipped = [{"id": id, "reason": reason} for id, reason in said.skipped]
    return {"action": action, "done": said.done, "skipped": skipped, "operations": [one.id for one in said.operations]}


def _find(id: str, kind: GroupKind) -> GroupRecord:
    if not is_id(id):
        raise NotFound(f"there is no {kind} {id[:80]!r}; ids have 36 characters")
    return GroupControl(state_of().runtime).get(id, kind)


# shapes -------------------------------------------------------------------------------------------


def page(found: GroupPage, seen: Sight, store: Backend, *, first: bool) -> Json:
    """A page of them. A gate, at which a long chain starts, is nobody's batch."""
    items = [group(one, seen) for one in all_without_removed(store, found.items) if GATE not in one.options]
    told: Json = {
        "items": items,
        "next": found.next,
        "total": len(items) if first and found.next is None else None,
        "total_at_least": len(items),
    }
    if found.searched_back_to is not None:
        told["searched_back_to"] = iso(found.searched_back_to)
    return told


def group(one: GroupRecord, seen: Sight) -> Json:
    """One group of a list."""
    return {
        "id": one.id,
        "kind": one.kind.value,
        "name": one.name,
        "connection": one.connection,
        "state": one.state.value,
        "progress": one.progress,
        "total": one.total,
        "pending": one.pending,
        "processing": one.processing,
        "completed": one.completed,
        "failed": one.failed,
        "cancelled": one.cancelled,
        "allow_failures": True if one.allow_all else one.allow,
        "parent_id": one.parent,
        "user": one.user,
        "tenant": one.tenant,
        "options": seen.data(dict(one.options)),
        "created_at": iso(one.created_at),
        "finished_at": iso(one.finished_at),
        "reason": None if one.reason is None else marks.given(one.reason),
        "failure": _failure(one, seen),
    }


def _failure(one: GroupRecord, seen: Sight) -> Json | None:
    first = one.first_failure
    if first is None:
        return None
    return {"job_id": first.job_id, "type": first.type, "message": None if first.message is None else seen.text(first.message)}


def in_full(one: GroupRecord, seen: Sight, store: Backend) -> Json:
    """One group by itself."""
    told = group(without_removed(store, one), seen)
    if one.kind is GroupKind.BATCH:
        return told
    if one.total > MOST_STEPS:
        return {**told, "current_step": None, "steps": None}
    return {**told, **steps(status_of(store, one))}


def steps(status: GroupStatus) -> Json:
    """The steps of a chain or a workflow."""
    return {"current_step": status.current_step, "steps": [_step(step) for step in status.steps]}


def _step(step: Any) -> Json:
    return {
        "number": step.number,
        "id": step.id,
        "kind": step.kind,
        "name": step.name,
        "state": step.state,
        "needed": step.needed,
        "removed": step.removed,
        "progress": step.progress,
        "after": list(step.after),
        "started_at": _moment(step.started_at),
        "finished_at": _moment(step.finished_at),
    }


def _moment(at: Any) -> str | None:
    return None if at is None else at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
