"""What the forms about groups post to `/groups/act`: `do` = `cancel:ID`, `uncancel:ID` or `retry:ID`, `reason`, and `sure` once it was asked;
or, from a list, `cancel` or `retry` with rows (see `picking`) and their `kind`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request, url_for
from werkzeug.wrappers import Response

from horizon.backends.values import ACT_LIMIT
from horizon.control import pacing
from horizon.control.groups import GroupControl, Retried
from horizon.control.preview import Preview
from horizon.control.verbs import unknown
from horizon.core.errors import InvalidInput
from horizon.core.group import GroupKind, GroupRecord
from horizon.security.permissions import Ability, Actor, require
from horizon.web import render, text
from horizon.web.auth import current_actor
from horizon.web.pages import group_bulk
from horizon.web.pages.answering import answered
from horizon.web.pages.groups import KINDS
from horizon.web.pages.telling import changed
from horizon.web.render import Toast
from horizon.web.state import state_of
from horizon.web.words import plural

VERBS = ("cancel", "uncancel", "retry")


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What to ask before."""

    title: str
    text: str
    yes: str
    danger: bool = False
    takes_reason: bool = False
    preview: Preview | None = None
    notes: Sequence[str] = ()


def on_group() -> Response:
    """POST /groups/act"""
    return answered(_act)


def _act() -> Response:
    verb, _, id = request.form.get("do", "").partition(":")
    if not id:
        return group_bulk.act()
    if verb not in VERBS:
        raise unknown(verb, list(VERBS))
    actor, control = current_actor(), GroupControl(state_of().runtime)
    require(actor, Ability.OPERATE)
    group = control.get(id, connection=request.form.get("connection") or None)
    back = render.safe_back(request.form.get("back"), url_for(f"horizon.{KINDS[group.kind].one}", id=id))
    if verb == "cancel" and group.ended:
        raise InvalidInput(f"nothing was cancelled: this {group.kind} has ended already, {group.state}")
    if verb == "uncancel":
        return render.acted(put_back(control.uncancel(actor, id, connection=group.connection)), back)
    if request.form.get("sure") != "1":
        return render.asked("group/ask.html", ask=_ask(verb, control, group), do=f"{verb}:{id}", group=group, back=back)
    if verb == "cancel":
        reason = request.form.get("reason", "").strip() or None
        return render.acted(cancelled(control.cancel(actor, id, reason=reason, connection=group.connection)), back)
    return render.acted(_retry(control, actor, group), back)


def _retry(control: GroupControl, actor: Actor, group: GroupRecord) -> Toast:
    """With the care and the reason of the form, and what has changed since the question."""
    given = {name: request.form.get(name, "").strip() for name in ("pace", "canary", "stop", "reason", "saw")}
    now = control.preview_failed(group) if given["saw"] else None
    care, note = pacing.care(given["pace"], given["canary"], given["stop"]), given["reason"] or None
    said = control.retry_failed(actor, group.id, connection=group.connection, care=care, note=note)
    return retried(said, 0 if now is None else now.since(given["saw"]))


def _ask(verb: str, control: GroupControl, group: GroupRecord) -> Question:
    if verb == "cancel":
        return about_cancel(group)
    return about_retry(group, control.preview_failed(group))


def about_cancel(group: GroupRecord) -> Question:
    """The question before a group is cancelled. Pure."""
    what = _named(group)
    waits = f"{plural(group.pending, KINDS[group.kind].members)} that {'has' if group.pending == 1 else 'have'} not started will not run"
    runs = f"{plural(group.processing, 'running one is', 'running ones are')} asked to stop" if group.processing else "none runs now"
    told = f"{waits}; {runs}. What has ended stays as it is, and the callbacks for its end still run."
    return Question(title=f"Cancel {what}?", text=told, yes=f"Cancel the {group.kind}", danger=True, takes_reason=True)


def about_retry(group: GroupRecord, seen: Preview) -> Question:
    """The question before what failed is retried. Pure."""
    count, exact = seen.count, seen.exact
    many = plural(count, "failed job") if exact else f"at least {count:,} failed jobs"
    then = {
        GroupKind.BATCH: "Back to the queue, to run again. The batch goes on.",
        GroupKind.CHAIN: "The broken step runs again, and the steps after it wait for it as before.",
        GroupKind.WORKFLOW: "They run again, and what was cancelled because of them waits as before.",
    }[group.kind]
    return Question(
        title=f"Retry {many} of {_named(group)}?", text=then, yes=f"Retry {many}", takes_reason=True, preview=seen, notes=how_far(seen),
    )  # fmt: skip


def how_far(seen: Preview) -> tuple[str, ...]:
    """How it is done, and among how many it was counted."""
    told = ["This runs in the background; a bar shows how far it is."] if not seen.exact or seen.count > ACT_LIMIT else []
    if seen.looked:
        told.append(f"Counted among the first {seen.looked:,} of them.")
    elif seen.sampled:
        told.append(f"Causes and ages are those of the first {seen.sampled:,}.")
    return tuple(told)


def cancelled(group: GroupRecord) -> Toast:
    """The toast after a cancel. Pure."""
    running = f"; {plural(group.processing, 'job', 'jobs')} asked to stop" if group.processing else ""
    return Toast(
        text=f"Cancelled {_named(group)}{running}",
        undo={"action": "group", "do": f"uncancel:{group.id}", "connection": group.connection},
    )


def put_back(said: Retried) -> Toast:
    """The toast after a cancel was undone. Pure."""
    if said.operations:
        return Toast(text="Putting its jobs back to where they were, in the background", operation=said.operations[0].id)
    left = "; ".join(dict.fromkeys(text.plain(reason, 160) for _, reason in said.skipped))
    if not said.done:
        return Toast(text=f"Nothing was put back: {left or 'what it cancelled is gone, or back already'}", wrong=True)
    return Toast(
        text=f"Put {plural(said.done, 'job')} back to where {'it was' if said.done == 1 else 'they were'}{f'; the rest was left: {left}' if left else ''}"
    )


def retried(said: Retried, since: int = 0) -> Toast:
    """The toast after a retry. `since`: how many more failed since the question, fewer below 0. Pure."""
    if said.operations:
        more = sum(one.expected or 0 for one in said.operations)
        many, care = plural(said.done + more, "job") if more else "all that failed", pacing.told_with(said.operations[0].params)
        return Toast(
            text=f"Retrying {many} in the background{f', {care}' if care else ''}{changed(since)}", operation=said.operations[0].id
        )
    if not said.done:
        reasons = "; ".join(dict.fromkeys(text.plain(reason, 160) for _, reason in said.skipped))
        return Toast(text=f"Nothing was retried: {reasons or 'no job has failed'}", wrong=True)
    left = f"; {plural(len(said.skipped), 'job')} left as they were" if said.skipped else ""
    return Toast(text=f"Retried {plural(said.done, 'job')}{left}{changed(since)}")


def _named(group: GroupRecord) -> str:
    return f"the {group.kind} “{text.plain(group.name, 60)}”" if group.name else f"this {group.kind}"
