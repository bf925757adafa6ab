"""Acts on many batches, chains or workflows, from their lists: what is asked before, and what is told after."""

from __future__ import annotations

from collections import Counter

from flask import request, url_for
from werkzeug.wrappers import Response

from horizon.control import pacing
from horizon.control.acting import backend_of
from horizon.control.group_act import CANCEL, RETRY, UNCANCEL, GroupAct
from horizon.control.many_groups import MOST, STEP, GroupActs, Matching, fits
from horizon.control.verbs import unknown
from horizon.core.errors import InvalidInput
from horizon.core.group import GroupKind
from horizon.security.permissions import Ability, require
from horizon.web import group_filters, live, render, typed
from horizon.web.auth import current_actor
from horizon.web.group_filters import text_of
from horizon.web.pages import picking
from horizon.web.pages.groups import KINDS, Kind
from horizon.web.pages.picking import Picked, Question
from horizon.web.pages.telling import changed
from horizon.web.render import Toast
from horizon.web.state import state_of
from horizon.web.words import plural

LABELS = {CANCEL: "Cancel", RETRY: "Retry what failed of", UNCANCEL: "Put back"}
DONE = {CANCEL: "Cancelled", RETRY: "Retried what failed of", UNCANCEL: "Put back"}
DOING = {CANCEL: "Cancelling", RETRY: "Retrying what failed of", UNCANCEL: "Putting back"}
LEFT = {
    CANCEL: "Left as they are, because they have ended: {many}.",
    RETRY: "Left as they are, because nothing of their own has failed: {many}.",
}
EFFECTS = {
    CANCEL: "What has not started will not run; what runs is asked to stop. What has ended stays as it is, and the callbacks of an end still run.",
    RETRY: "What failed goes back to its queue, and what waited for it waits again.",
}
NAMES = 5


def act() -> Response:
    """POST /groups/act for rows of a list. Raises UnknownAction, InvalidInput, InvalidFilter, NotFound."""
    actor, picked = current_actor(), picking.read(request.form, "rows", live.unpack)
    if picked.verb not in LABELS:
        raise unknown(picked.verb, [CANCEL, RETRY])
    require(actor, Ability.OPERATE)
    connection, acts = request.form.get("connection") or None, GroupActs(state_of().runtime)
    kind = _kind(request.form.get("kind", ""))
    back = render.safe_back(request.form.get("back"), url_for(f"horizon.{kind.many}"))
    about, found = _found(acts, picked, kind, connection)
    if not (picked.sure or picked.verb == UNCANCEL):
        ask = question(picked.verb, kind, found, about)
        fields = [*picked.fields(request.form.get("rows", "") if picked.match else live.pack(picked.keys)), ("kind", kind.kind.value)]
        if connection:
            fields.append(("connection", connection))
        fields.append(("saw", str(len(found.groups))))
        return render.asked("confirm/rows.html", ask=ask, at_form="horizon.act_on_group", fields=fields, back=back)
    care = pacing.care(*(request.form.get(name, "").strip() for name in ("pace", "canary", "stop")))
    said = acts.act(actor, picked.verb, found.groups, about=about, reason=picked.reason, connection=connection, care=care)
    saw = typed.whole(picked.saw) if picked.match is not None and not found.more else None
    more = 0 if saw is None else len(found.groups) - saw
    return render.acted(told(said, more), back)


def _kind(text: str) -> Kind:
    if text not in set(GroupKind):
        raise InvalidInput(f"kind is one of {', '.join(GroupKind)}; got {text[:40]!r}")
    return KINDS[GroupKind(text)]


def _found(acts: GroupActs, picked: Picked, kind: Kind, connection: str | None) -> tuple[str, Matching]:
    """(the search in words, what it is about)."""
    if picked.match is None:
        return "", acts.named(picked.keys, kind.kind, connection)
    now = backend_of(acts.stores, connection).now()
    query = group_filters.understand(picked.match, kind.kind, now=now, zone=render.viewer().zone).query
    return text_of(query) or f"all {kind.many}", acts.matching(query, connection)


def question(verb: str, kind: Kind, found: Matching, about: str) -> Question:
    """What to ask before. Pure."""
    groups = found.groups
    many, left = plural(len(groups), kind.one, kind.many), sum(not fits(verb, one) for one in groups)
    which = f"Every one that matches “{about}”. " if about else ""
    slow = " This runs in the background; a bar shows how far it is." if len(groups) > STEP else ""
    jobs = {
        "waiting": sum(one.pending for one in groups), "running": sum(one.processing for one in groups), "failed": sum(one.failed for one in groups),
    }  # fmt: skip
    names = Counter(one.name or "without a name" for one in groups).most_common()
    notes = [LEFT[verb].format(many=plural(left, kind.one, kind.many))] if left else []
    if found.more:
        notes.append(f"One act takes {MOST:,} at the most: these are the newest that were found, and others match too.")
    return Question(
        title=f"{LABELS[verb]} {many}?", text=f"{which}{EFFECTS[verb]}{slow}", yes=f"{LABELS[verb]} {many}", danger=verb == CANCEL, takes_care=verb == RETRY,
        counts=(("State", Counter(one.state.value for one in groups)), ("Name", dict(names)), ("Jobs", {word: n for word, n in jobs.items() if n})),
        notes=notes,
    )  # fmt: skip


def told(said: GroupAct, more: int = 0) -> Toast:
    """The toast after it. Pure."""
    if said.state == "running":
        many = plural(said.expected or 0, said.noun, said.nouns)
        if care := pacing.told_with(said.params):
            return Toast(text=f"Retrying what failed of {many} in the background, {care}{changed(more)}", operation=said.id)
        return Toast(text=f"{DOING[said.verb]} {many} in the background{changed(more)}", operation=said.id)
    left = "; ".join(said.reasons)
    if not said.done:
        return Toast(text=f"Nothing was changed: {left}", wrong=True)
    rest = f"; {plural(said.skipped, said.noun, said.nouns)} left as they were: {left}" if said.skipped else ""
    undo = {"action": "operation", "id": said.id} if said.verb == CANCEL else {}
    return Toast(text=f"{DONE[said.verb]} {plural(said.done, said.noun, said.nouns)}{rest}{changed(more)}", operation=said.id, undo=undo)
