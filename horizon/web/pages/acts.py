"""What the forms of the pages post: each is read, put to control, and told about in a toast."""

from __future__ import annotations

from dataclasses import replace

from flask import request, url_for
from werkzeug.wrappers import Response

from horizon.control import marks
from horizon.control.acting import backend_of
from horizon.control.jobs import JobControl
from horizon.control.operations import OperationControl
from horizon.control.preview import preview
from horizon.control.verbs import RULES
from horizon.core.clock import Micros
from horizon.core.dead import is_dead
from horizon.security.permissions import Actor, require
from horizon.web import render
from horizon.web.auth import current_actor
from horizon.web.pages import asking, job_compare, questions, telling
from horizon.web.pages.answering import answered
from horizon.web.pages.asking import Wish
from horizon.web.search import Moment
from horizon.web.state import state_of


def on_jobs() -> Response:
    """POST /jobs/act"""
    return answered(_on_jobs)


def stop_operation() -> Response:
    """POST /operations/stop"""
    return answered(_stop_operation)


def undo_operation() -> Response:
    """POST /operations/undo"""
    return answered(_undo_operation)


def _on_jobs() -> Response:
    if request.form.get("do") == "compare":
        return job_compare.of_ticked()
    runtime, actor = state_of().runtime, current_actor()
    store = backend_of(runtime, request.form.get("connection") or None)
    now = store.now()
    wish = asking.read(request.form, Moment(now=now, zone=render.viewer().zone))
    require(actor, RULES[wish.verb].ability)
    before = store.many(wish.ids) if wish.ids else []
    question = None if wish.sure else questions.question(wish, before, store)
    if question is not None:
        queues = [queue.name for queue in store.queues.all() if not is_dead(queue.name)] if question.lacks == "queue" else []
        return render.asked("confirm/page.html", ask=question, wish=wish, queues=queues, back=_back("horizon.jobs"))
    wish = _with_mark(wish, actor, now)
    more = preview(store, wish.query(now)).since(wish.saw) if wish.match and wish.saw else 0
    said = JobControl(runtime).act(
        actor, wish.verb, wish.selection(now), wish.params(before), wish.connection, wish.care, wish.note
    )  # fmt: skip
    return render.acted(telling.about_jobs(wish, said, before, more), _back("horizon.jobs"))


def _with_mark(wish: Wish, actor: Actor, now: Micros) -> Wish:
    """What cancels or forgets more jobs than a cookie can name leaves a mark, by which it can be undone."""
    many = bool(wish.match) or len(wish.ids) > asking.MARKED
    if wish.verb not in marks.UNDONE_BY or not many:
        return wish
    return replace(wish, reason=marks.mark(wish.verb, actor, now, wish.reason))


def _stop_operation() -> Response:
    stopped = OperationControl(state_of().runtime).stop(current_actor(), request.form.get("id", ""), request.form.get("connection") or None)
    return render.acted(telling.about_stop(stopped), _back("horizon.operations"))


def _undo_operation() -> Response:
    undone = OperationControl(state_of().runtime).undo(current_actor(), request.form.get("id", ""), request.form.get("connection") or None)
    return render.acted(telling.about_undo(undone), _back("horizon.operations"))


def _back(otherwise: str) -> str:
    return render.safe_back(request.form.get("back"), url_for(otherwise))
