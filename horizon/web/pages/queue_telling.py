"""What an act on a queue has done, in words, with the way back where there is one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo

from horizon.backends.values import Acted, Operation
from horizon.control.queues import DURATIONS, UNLIMITED, Cleared
from horizon.core.clock import Micros
from horizon.web import words
from horizon.web.pages.telling import left_alone
from horizon.web.render import Toast
from horizon.web.words import plural

LABELS = {
    "max_jobs": "most waiting jobs",
    "priority_weight": "weight",
    "patience": "patience",
    "dead_after": "rounds before the dead letters",
    "start_within": "time target",
    "start_share": "share of jobs in time",
}
"""Settings as people call them."""


def paused(queue: str, named: str, running: int, until: Micros | None, zone: tzinfo, known: bool) -> Toast:
    """After a pause."""
    when = f" until {words.exact(until, zone)}" if until is not None else ""
    strange = "" if known else ". No job and no worker has used this queue yet: is its name right?"
    return Toast(text=f"Paused {queue}{when}{_still(running)}{strange}", undo=_resume(named))


def draining(queue: str, named: str, running: int) -> Toast:
    """After a drain."""
    return Toast(text=f"Draining {queue}{_still(running) or '; none of its jobs runs any more'}", undo=_resume(named))


def cleared(queue: str, named: str, said: Acted | Operation, marked: Cleared | None) -> Toast:
    """After a clear, with the way back while there is one."""
    undo = {"action": "queue", "do": f"unclear:{named}", "mark": marked.mark} if marked is not None else {}
    if isinstance(said, Operation):
        return Toast(text=f"Clearing {queue}: {_many(said)} are being cancelled in the background", undo=undo)
    if not said.done:
        return Toast(text=f"Nothing waits in {queue}, so nothing was cleared")
    return Toast(text=f"Cleared {queue}: {plural(len(said.done), 'waiting job')} cancelled", undo=undo)


def put_back(queue: str, said: Acted | Operation) -> Toast:
    """After a clear was undone."""
    if isinstance(said, Operation):
        return Toast(text=f"Putting the jobs back to {queue} in the background")
    return Toast(text=f"Put {plural(len(said.done), 'job')} back to {queue}{left_alone(said)}", wrong=not said.done)


def moved(queue: str, to: str, said: Acted | Operation) -> Toast:
    """After all that waits was moved."""
    if isinstance(said, Operation):
        return Toast(text=f"Moving {_many(said)} from {queue} to {to} in the background")
    if not said.done:
        return Toast(text=f"Nothing waits in {queue}, so nothing was moved")
    return Toast(text=f"Moved {plural(len(said.done), 'job')} from {queue} to {to}")


def changed(queue: str, changes: Mapping[str, object]) -> Toast:
    """After settings were set, or went back to what the code says."""
    said = [f"{LABELS[name]} {_told(name, value)}" for name, value in changes.items()]
    return Toast(text=f"{queue}: {', '.join(said)}")


def _told(name: str, value: object) -> str:
    if value == UNLIMITED:
        if name == "start_within":
            return "lifted"
        return "lifted: as many as there are"
    if name == "start_share" and isinstance(value, float):
        return f"set to {value * 100:g} %"
    if not isinstance(value, int):
        return "as in the code again"
    return f"set to {words.duration(value) if name in DURATIONS else words.number(value)}"


def _many(said: Operation) -> str:
    return "all waiting jobs" if said.expected is None else plural(said.expected, "job")


def _still(running: int) -> str:
    return f"; {plural(running, 'job of it', 'jobs of it')} still {'runs' if running == 1 else 'run'}" if running else ""


def _resume(named: str) -> dict[str, str]:
    return {"action": "queue", "do": f"resume:{named}"}
