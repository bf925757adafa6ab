"""What the forms about workers post to `/workers/act`: `do` = `VERB:ID`, `VERB:all`, `VERB:host:HOST` for those of one machine,
or `VERB:old` for those with old code; or, from their list, a verb with rows (see `picking`)."""

from __future__ import annotations

from flask import request, url_for
from werkzeug.wrappers import Response

from horizon.control.many import each
from horizon.control.processes import ABILITY, COMMANDS, ProcessControl
from horizon.control.verbs import unknown
from horizon.core.errors import NotFound
from horizon.monitor.workers import Worker
from horizon.security.permissions import Actor, require
from horizon.web import render, text
from horizon.web.auth import current_actor
from horizon.web.lists import WORKERS
from horizon.web.pages import picking, worker_list
from horizon.web.pages.answering import answered
from horizon.web.pages.picking import Picked, Question
from horizon.web.render import Toast
from horizon.web.state import state_of
from horizon.web.words import plural

ALL, OLD, HOST, PICKED = "all", "old", "host:", "picked"
NOBODY = {ALL: "no worker is running", OLD: "no worker runs old code any more"}
UNDONE_BY = {"pause": "resume", "resume": "pause"}


def on_worker() -> Response:
    """POST /workers/act"""
    return answered(_act)


def _act() -> Response:
    actor, (verb, id) = current_actor(), _read(request.form.get("do", ""))
    require(actor, ABILITY)
    living = [worker for worker in worker_list.read(state_of(), 0) if worker.session.alive]
    picked = picking.read(request.form, "workers", picking.lines) if id == PICKED else None
    meant = [worker for worker in living if _is_meant(worker, id)] if picked is None else _picked(picked, living)
    if not meant:
        on_host = "no worker runs on this machine any more" if id.startswith(HOST) else ""
        raise NotFound(NOBODY.get(id, on_host or "this worker has ended meanwhile; there is nobody to ask"))
    back = render.safe_back(request.form.get("back"), url_for("horizon.workers"))
    question = None if request.form.get("sure") == "1" else ask(verb, id, meant)
    if question is not None and picked is not None:
        fields = picked.fields(picking.joined([worker.id for worker in meant]))
        return render.asked("confirm/rows.html", ask=question, at_form="horizon.act_on_worker", fields=fields, back=back)
    if question is not None:
        return render.asked("workers/ask.html", ask=question, do=f"{verb}:{id}", back=back)
    return render.acted(told(verb, id, meant, _ask_them(actor, verb, id, meant)), back)


def _ask_them(actor: Actor, verb: str, id: str, meant: list[Worker]) -> int:
    """How many were asked; one that ends meanwhile keeps nobody from asking the others. Raises NotFound where all have ended."""
    control = ProcessControl(state_of().runtime)
    if id == ALL:
        return control.command(actor, verb)
    said = each([worker.id for worker in meant], lambda session: control.command(actor, verb, session=session))
    if not said.done:
        raise NotFound(said.why)
    return len(said.done)


def _picked(picked: Picked, living: list[Worker]) -> list[Worker]:
    """Those that are ticked, or all that match."""
    return WORKERS.understand(picked.match).of(living) if picked.match is not None else [one for one in living if one.id in picked.keys]


def _is_meant(worker: Worker, id: str) -> bool:
    if id.startswith(HOST):
        return worker.session.info.host == id.removeprefix(HOST)
    return id == ALL or worker.id == id or (id == OLD and worker.old)


def _read(do: str) -> tuple[str, str]:
    """(verb, id or `all`). Raises UnknownAction."""
    verb, _, id = do.partition(":")
    if verb not in COMMANDS:
        raise unknown(verb, list(COMMANDS))
    return verb, id or PICKED


def ask(verb: str, id: str, meant: list[Worker]) -> Question | None:
    """The question before this is done, None where it may be done at once. Pure."""
    busy = sum(worker.busy for worker in meant)
    who = _who(id, meant, len(meant))
    many = plural(busy, "job")
    runs = [f"{many} {'runs there now, and is' if busy == 1 else 'run there now, and are'} finished first."] if busy else []
    if verb == "stop":
        ends = (
            "Then it ends; a service manager may start it again."
            if len(meant) == 1
            else "Then they end; a service manager may start them again."
        )
        said = " ".join(("No further job is started.", *runs, ends, "Jobs wait until a worker takes them."))
        return Question(title=f"Stop {who}?", text=said, yes="Stop", danger=True, takes_reason=False)
    if verb == "restart" and (id in (ALL, OLD, PICKED) or id.startswith(HOST)):
        after = "Each executor is replaced by a fresh one, which loads the code as it is then. No job is lost."
        return Question(title=f"Restart {who}?", text=" ".join((*runs, after)), yes="Restart", takes_reason=False)
    return None


def _who(id: str, meant: list[Worker], many: int) -> str:
    if len(meant) == 1 and many == 1:
        return text.plain(meant[0].name, 60)
    if id.startswith(HOST):
        return f"{plural(many, 'worker')} on {text.plain(id.removeprefix(HOST), 60)}"
    return f"{'all ' if id == ALL and many == len(meant) else ''}{plural(many, 'worker')}"


def told(verb: str, id: str, meant: list[Worker], asked: int) -> Toast:
    """The toast after it. Pure."""
    who = _who(id, meant, asked)
    said = {
        "pause": f"Asked {who} to pause; what runs goes on",
        "resume": f"Asked {who} to go on",
        "restart": f"Restarting {who}: each executor is replaced once it has finished its jobs",
        "stop": f"Asked {who} to stop after what runs",
    }[verb]
    about = {"rows": picking.joined([worker.id for worker in meant]), "page": "1"} if id == PICKED else {}
    do = UNDONE_BY.get(verb, "") if about else f"{UNDONE_BY.get(verb)}:{id}"
    undo = {"action": "worker", "do": do, **about} if verb in UNDONE_BY else {}
    return Toast(text=said, undo=undo)
