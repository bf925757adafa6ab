"""What an act has done, in words, with the way back where there is one. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from horizon.backends.values import Acted, Operation, Verb
from horizon.control import pacing
from horizon.control.group_act import GroupAct, Undone
from horizon.control.many_groups import STEP
from horizon.control.marks import UNDONE_BY, is_mark
from horizon.control.operations import undoable
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
DOING = {
    Verb.RETRY: "Retrying", Verb.CANCEL: "Cancelling", Verb.FORGET: "Forgetting", Verb.RESTORE: "Restoring", Verb.RUN_NOW: "Starting",
    Verb.PRIORITIZE: "Prioritizing", Verb.RESCHEDULE: "Rescheduling", Verb.MOVE: "Moving",
}  # fmt: skip
COMES_BACK = (JobState.PENDING, JobState.SCHEDULED, JobState.RETRYING, JobState.BLOCKED)
"""Where a job stood that can be put back after it was cancelled. One that ran has begun to stop, and is retried if need be."""


def about_jobs(wish: Wish, said: Acted | Operation, before: Sequence[Record], more: int = 0) -> Toast:
    """The toast after an act on jobs. `more`: how many more match than the question said, fewer below 0."""
    if isinstance(said, Operation):
        toast = about_operation(said, wish.connection)
        return replace(toast, text=toast.text + changed(more))
    if not said.done:
        return Toast(text=f"Nothing was changed: {_reasons(said)}", wrong=True)
    done = _what(wish, said, before)
    return Toast(text=done + _stopping(wish, said, before) + left_alone(said) + changed(more), undo=_undo(wish, said, before))


def changed(more: int) -> str:
    """What the question did not know yet."""
    if more > 0:
        return f"; {plural(more, 'more has', 'more have')} come to match since you were asked"
    return f"; {plural(-more, 'no longer matches', 'no longer match')} since you were asked" if more else ""


def _what(wish: Wish, said: Acted, before: Sequence[Record]) -> str:
    one = next((record for record in before if record.id == said.done[0]), None) if len(said.done) == 1 else None
    named = text.plain(text.short_name(one.name), 80) if one is not None else plural(len(said.done), "job")
    if wish.verb is Verb.CANCEL and one is not None and one.state is JobState.PROCESSING:
        return f"Asked {named} to stop"
    if wish.verb is Verb.PRIORITIZE and (priority := wish.params(before).priority) is not None:
        return f"Prioritized {named} to {priority}"
    if wish.verb is Verb.MOVE and wish.queue is not None:
        return f"Moved {named} to {wish.queue}"
    if wish.verb is Verb.RETRY and wish.keep_time:
        return f"Put {named} back to where {'it was' if len(said.done) == 1 else 'they were'}"
    return f"{DONE[wish.verb]} {named}"


def _stopping(wish: Wish, said: Acted, before: Sequence[Record]) -> str:
    """Of several cancelled jobs, those that ran: they stop soon, and an undo does not bring them back."""
    running = [record for record in before if record.state is JobState.PROCESSING and record.id in said.done]
    if wish.verb is not Verb.CANCEL or not running or len(said.done) == 1:
        return ""
    return f"; {plural(len(running), 'running one was', 'running ones were')} asked to stop, and can be retried afterwards"


def left_alone(said: Acted) -> str:
    """What an act has skipped, and why."""
    if not said.skipped:
        return ""
    return f"; {plural(len(said.skipped), 'job')} left as {'it was' if len(said.skipped) == 1 else 'they were'}: {_reasons(said)}"


def _reasons(said: Acted) -> str:
    reasons = list(dict.fromkeys(reason for _, reason in said.skipped))
    more = f" (and {len(reasons) - 2} more reasons)" if len(reasons) > 2 else ""
    return "; ".join(text.plain(reason, 160) for reason in reasons[:2]) + more if reasons else "no job matched"


def _undo(wish: Wish, said: Acted, before: Sequence[Record]) -> dict[str, str]:
    """The form that undoes it: a forgotten record comes back, a job cancelled before it started goes back to its place."""
    fields = {"connection": wish.connection} if wish.connection else {}
    undo = UNDONE_BY.get(wish.verb)
    if undo is None:
        return {}
    if wish.reason and is_mark(wish.verb, wish.reason):
        keep = {"keep_time": "1"} if undo is Verb.RETRY else {}
        return {"do": undo.value, "match": wish.match, "mark": wish.reason, **keep, **fields}
    if wish.verb is Verb.FORGET:
        was_over = all(record.state.terminal for record in before)
        return {"do": "restore:" + ",".join(said.done), **fields} if was_over else {}
    waited = {record.id for record in before if record.state in COMES_BACK}
    back = [id for id in said.done if id in waited]
    return {"do": "retry:" + ",".join(back), "keep_time": "1", **fields} if back else {}


def counted(one: Operation) -> str:
    """How many jobs it is about."""
    return plural(one.expected, "job") if one.expected is not None else "every job that matches"


def about_operation(one: Operation, connection: str | None = None) -> Toast:
    """The toast after an act that goes on in the background."""
    many = counted(one)
    undo = {"action": "operation", "id": one.id, **({"connection": connection} if connection else {})} if undoable(one) else {}
    care = pacing.told_with(one.params)
    verb = Verb(one.verb)
    said = f"{DOING[verb]} {many} in the background, {care}" if care else f"{DOING[verb]} {many} in the background"
    return Toast(text=said, undo=undo, operation=one.id)


def done_by(one: Operation) -> str:
    """How much it was done to: `1,204 jobs`, `3 batches`."""
    return plural(one.done, one.noun, one.nouns) if isinstance(one, GroupAct) else plural(one.done, "job")


def about_stop(stopped: Operation) -> Toast:
    """The toast after an operation was stopped, or had ended by then."""
    if stopped.state != "stopped":
        return Toast(text=f"Nothing was stopped: it is over, after {done_by(stopped)}", wrong=True)
    return Toast(text=f"Stopped after {done_by(stopped)}; what was done stays done")


def about_undo(undone: Undone) -> Toast:
    """The toast after an operation was undone; one that ran until then was stopped, too."""
    toast = _put_back(undone.said)
    return replace(toast, text=" ".join(("Stopped.", toast.text))) if undone.stopped else toast


def _put_back(said: Acted | Operation) -> Toast:
    if isinstance(said, GroupAct) and said.state != "running":
        return Toast(text=f"{plural(said.jobs, 'job')} of {plural(said.done, said.noun, said.nouns)} put back", operation=said.id)
    if isinstance(said, GroupAct) and said.looked < STEP:  # its first step came to a store that is away
        rest = plural((said.expected or 0) - said.looked, said.noun, said.nouns)
        put_back = plural(said.done, said.noun, said.nouns)
        return Toast(text=f"{put_back} put back so far; {rest} will be looked at once the store that is away answers", operation=said.id)
    if isinstance(said, Operation):
        return Toast(text="What it has done is being undone in the background", operation=said.id)
    if not said.done:
        return Toast(text=f"Nothing was put back: {_reasons(said)}", wrong=bool(said.skipped))
    are, were = ("is", "it was") if len(said.done) == 1 else ("are", "they were")
    return Toast(text=f"{plural(len(said.done), 'job')} {are} back where {were}{left_alone(said)}")
