"""What the forms about groups post to `/groups/act`: `do` = `cancel:ID`, `uncancel:ID` or `retry:ID`, `reason`, and `sure` once it was asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request, url_for
from werkzeug.wrappers import Response

from horizon.backends.values import ACT_LIMIT
from horizon.control.acting import backend_of
from horizon.control.groups import GroupControl, Retried, failed_in
from horizon.control.preview import Preview, preview
from horizon.control.verbs import unknown
from horizon.core.errors import InvalidInput
from horizon.core.group import GroupKind, GroupRecord
from horizon.security.permissions import Ability, require
from horizon.web import render, text
from horizon.web.auth import current_actor
from horizon.web.pages.answering import answered
from horizon.web.pages.groups import KINDS
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


def on_group() -> Response:
    """POST /groups/act"""
    return answered(_act)


def _act() -> Response:
    verb, _, id = request.form.get("do", "").partition(":")
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
    return render.acted(retried(control.retry_failed(actor, id, connection=group.connection)), back)


def _ask(verb: str, control: GroupControl, group: GroupRecord) -> Question:
    if verb == "cancel":
        return about_cancel(group)
    store = backend_of(control.stores, group.connection)
    seen = [preview(store, query) for query in failed_in(store, group)]
    return about_retry(group, [one for one in seen if one.count or not one.exact])


def about_cancel(group: GroupRecord) -> Question:
    """The question before a group is cancelled. Pure."""
    what = _named(group)
    waits = f"{plural(group.pending, KINDS[group.kind].members)} that {'has' if group.pending == 1 else 'have'} not started will not run"
    runs = f"{plural(group.processing, 'running one is', 'running ones are')} asked to stop" if group.processing else "none runs now"
    told = f"{waits}; {runs}. What has ended stays as it is, and the callbacks for its end still run."
    return Question(title=f"Cancel {what}?", text=told, yes=f"Cancel the {group.kind}", danger=True, takes_reason=True)


def about_retry(group: GroupRecord, seen: Sequence[Preview]) -> Question:
    """The question before what failed is retried. Pure."""
    count, exact = sum(one.count for one in seen), all(one.exact for one in seen)
    many = plural(count, "failed job") if exact else f"at least {count:,} failed jobs"
    then = {
        GroupKind.BATCH: "Back to the queue, to run again. The batch goes on.",
        GroupKind.CHAIN: "The broken step runs again, and the steps after it wait for it as before.",
        GroupKind.WORKFLOW: "They run again, and what was cancelled because of them waits as before.",
    }[group.kind]
    slow = " This runs in the background; a bar shows how far it is." if any(not one.exact or one.count > ACT_LIMIT for one in seen) else ""
    return Question(
        title=f"Retry {many} of {_named(group)}?", text=then + slow, yes=f"Retry {many}", preview=seen[0] if len(seen) == 1 else None
    )


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


def retried(said: Retried) -> Toast:
    """The toast after a retry. Pure."""
    if said.operations:
        more = sum(one.expected or 0 for one in said.operations)
        many = plural(said.done + more, "job") if more else "all that failed"
        return Toast(text=f"Retrying {many} in the background")
    if not said.done:
        reasons = "; ".join(dict.fromkeys(text.plain(reason, 160) for _, reason in said.skipped))
        return Toast(text=f"Nothing was retried: {reasons or 'no job has failed'}", wrong=True)
    left = f"; {plural(len(said.skipped), 'job')} left as they were" if said.skipped else ""
    return Toast(text=f"Retried {plural(said.done, 'job')}{left}")


def _named(group: GroupRecord) -> str:
    return f"the {group.kind} “{text.plain(group.name, 60)}”" if group.name else f"this {group.kind}"
