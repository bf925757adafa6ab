"""What a running job is doing: asked of its worker, and what it has answered."""

from __future__ import annotations

from flask import jsonify, make_response
from werkzeug.wrappers import Response

from horizon.control.stacks import StackControl
from horizon.core.clock import iso
from horizon.core.errors import NotFound
from horizon.core.stack import Stack
from horizon.web.api import answers, jobs
from horizon.web.api.shapes import Json
from horizon.web.auth import current_actor
from horizon.web.state import state_of


def ask_stack(id: str) -> Response:
    """`POST /api/jobs/ID/stack`: asked; the answer is there within seconds."""
    record = jobs.find(id)
    asked = StackControl(state_of().runtime).ask(current_actor(), record)
    return make_response(jsonify(shown(asked)), 202)


def show_stack(id: str) -> Response:
    """`GET /api/jobs/ID/stack`: what was asked last, and what came of it."""
    record = jobs.find(id)
    found = StackControl(state_of().runtime).read(current_actor(), record)
    if found is None:
        raise NotFound("nobody has asked for the stack of this job in the past ten minutes; POST here asks")
    return answers.unless_same(shown(found))


def shown(stack: Stack) -> Json:
    """A stack as the API shows it."""
    return {
        "asked_at": iso(stack.asked_at),
        "asked_by": stack.by or None,
        "heard": stack.heard,
        "at": iso(stack.at),
        "how": None if stack.how is None else stack.how.value,
        "stack": stack.text or None,
        "thread": stack.thread or None,
        "pid": stack.pid or None,
    }
