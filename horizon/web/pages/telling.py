"""What an act has done, in words, with the way back where there is one. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.backends.values import Acted, Operation, Verb
from horizon.core.record import Record
from horizon.core.states import JobState
from horizon.web import text
from horizon.web.pages.asking import Wish
from horizon.web.render import Toast
from horizon.web.words import plural

DONE = {
    Verb.RETRY: "Retried", Verb.CANCEL: "Cancelled", Verb.FORGET: "Forgot", Verb.RESTORE: "Restored", Verb.RUN_NOW: "Started",
    Verb.PRIORITIZE: "Prioritized", Verb.RESCHEDULE: "Rescheduled", Verb.MOVE: "Moved",
}  # fmt: skip
DOING = {Verb.RETRY: "Retrying", Verb.CANCEL: "Cancelling", Verb.FORGET: "Forgetting", Verb.RUN_NOW: "Starting"}


def about_jobs(wish: Wish, said: Acted | Operation, before: Sequence[Record]) -> Toast:
    """The toast after an act on jobs."""
    if isinstance(said, Operation):
        many = plural(said.expected, "job") if said.expected is not None else "every job that matches"
        return Toast(text=f"{DOING.get(wish.verb, wish.verb.value)} {many} in the background")
    if not said.done:
        return Toast(text=f"Nothing was changed: {_reasons(said)}", wrong=True)
    done = _what(wish, said, before)
    left = f"; {plural(len(said.skipped), 'job')} left as {'it was' if len(said.skipped) == 1 else 'they were'}: {_reasons(said)}"
    return Toast(text=done + (left if said.skipped else ""), undo=_undo(wish, said, before))


def _what(wish: Wish, said: Acted, before: Sequence[Record]) -> str:
    one = next((record for record in before if record.id == said.done[0]), None) if len(said.done) == 1 else None
    named = text.plain(text.short_name(one.name), 80) if one is not None else plural(len(said.done), "job")
    if wish.verb is Verb.CANCEL and one is not None and one.state is JobState.PROCESSING:
        return f"Asked {named} to stop"
    ending = f" to {wish.params(before).priority}" if wish.verb is Verb.PRIORITIZE else ""
    return f"{DONE.get(wish.verb, wish.verb.value)} {named}{ending}"


def _reasons(said: Acted) -> str:
    reasons = list(dict.fromkeys(reason for _, reason in said.skipped))
    more = f" (and {len(reasons) - 2} more reasons)" if len(reasons) > 2 else ""
    return "; ".join(text.plain(reason, 160) for reason in reasons[:2]) + more if reasons else "no job matched"


def _undo(wish: Wish, said: Acted, before: Sequence[Record]) -> dict[str, str]:
    """The form that undoes it: a forgotten record comes back, a job cancelled before it started goes back to its place."""
    fields = {"connection": wish.connection} if wish.connection else {}
    if wish.verb is Verb.FORGET:
        was_over = all(record.state.terminal for record in before)
        return {"do": "restore:" + ",".join(said.done), **fields} if was_over else {}
    if wish.verb is Verb.CANCEL and len(said.done) == 1 and len(before) == 1 and before[0].state in (JobState.PENDING, JobState.SCHEDULED):
        later = {"at": str(before[0].available_at)} if before[0].state is JobState.SCHEDULED else {}
        return {"do": f"retry:{said.done[0]}", **later, **fields}
    return {}


def about_pause(queue: str, running: int, connection: str = "") -> Toast:
    """The toast after pausing a queue."""
    still = f"; {plural(running, 'job of it', 'jobs of it')} still {'runs' if running == 1 else 'run'}" if running else ""
    undo = {"action": "queue", "do": f"resume:{queue}" + (f"/{connection}" if connection else "")}
    return Toast(text=f"Paused {queue}{still}", undo=undo)
