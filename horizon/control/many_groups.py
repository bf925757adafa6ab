"""Cancel or retry many batches, chains or workflows as one act: the first at once, the rest in the background, or all of it with care."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from horizon.backends import guarding
from horizon.backends.guarding import NOTE
from horizon.backends.notes import NoteChange
from horizon.backends.values import Operation, Verb
from horizon.control import group_act, group_care, marks, pacing
from horizon.control.acting import Stores, backend_of, entry
from horizon.control.group_act import CANCEL, IDS, KIND, MARK, RETRY, UNCANCEL, VERBS, GroupAct, Result, Undone
from horizon.control.groups import GroupControl
from horizon.control.pacing import Care
from horizon.control.verbs import check_reason, unknown
from horizon.core.audit import AuditEntry
from horizon.core.clock import DAY, monotonic
from horizon.core.errors import BackendUnavailable, HorizonError, InvalidInput, InvalidOption, InvalidTransition, NotFound
from horizon.core.group import MAX_LIMIT, GroupKind, GroupQuery, GroupRecord
from horizon.core.ids import uuid7
from horizon.core.query import JobQuery
from horizon.jobs.groups.pushing import GATE
from horizon.security.permissions import Ability, Actor, require

MOST = 1_000
"""Groups of one act."""
STEP = 25
"""Groups dealt with before it is noted how far it is; and at once, before anybody is answered."""
TURN = 0.6
"""Seconds of one turn of whoever leads."""
PAGES = 30
"""Pages of a search that are read at the most to find so many."""
KEPT = 3 * DAY
UNDOES = "undoes"
"""The parameter of what puts back that says by which mark: what somebody else has cancelled since is left alone."""
NOT_CANCELLED = "nobody cancelled it, or it is back already"


@dataclass(frozen=True, kw_only=True, slots=True)
class Matching:
    """The groups that a search names."""

    groups: Sequence[GroupRecord]
    """The newest, at most `MOST`."""
    more: bool = False
    """There are others, or may be: the search did not look at all of them."""


class GroupActs:
    """The acts on many groups of one app; they are kept on its default connection."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores

    def matching(self, query: GroupQuery, connection: str | None = None) -> Matching:
        """All that a search names. Raises NotFound for a connection that is not there."""
        store, found, asked = backend_of(self.stores, connection), list[GroupRecord](), replace(query, cursor=None, limit=MAX_LIMIT)
        for _ in range(PAGES):
            page = store.groups.find(asked)
            found += [one for one in page.items if GATE not in one.options]
            if page.next is None or len(found) > MOST:
                break
            asked = replace(asked, cursor=page.next)
        return Matching(groups=found[:MOST], more=page.next is not None or len(found) > MOST)

    def named(self, ids: Sequence[str], kind: GroupKind | None = None, connection: str | None = None) -> Matching:
        """Those with these ids. Raises InvalidInput for too many, NotFound where there is none of them."""
        if len(ids) > MOST:
            raise InvalidInput(f"one act takes at most {MOST:,} groups, got {len(ids):,}")
        found = [one for one in backend_of(self.stores, connection).groups.many(list(ids)) if kind in (None, one.kind)]
        if not found:
            raise NotFound("none of those that were selected is kept any longer")
        return Matching(groups=found)

    def act(
        self,
        actor: Actor,
        verb: str,
        groups: Sequence[GroupRecord],
        *,
        about: str = "",
        reason: str | None = None,
        connection: str | None = None,
        care: Care | None = None,
    ) -> GroupAct:
        """Do it to each; with `care`, which only a retry takes, all of it goes on in the background.

        Raises PermissionDenied, UnknownAction, InvalidInput, InvalidOption.
        """
        require(actor, Ability.OPERATE)
        if verb not in VERBS:
            raise unknown(verb, list(VERBS))
        if not groups:
            raise InvalidInput("nothing matches any more")
        if care is not None and verb != RETRY:
            raise InvalidOption(
                f"a pace, a canary and a share to stop at are for retry, which puts jobs to work; {verb} is done as fast as it goes"
            )
        if reason is not None:
            check_reason(reason)
        now = self.stores.backend().now()
        made = GroupAct(
            id=uuid7(), verb=verb, kind=groups[0].kind, query=JobQuery(), params=_params(verb, actor, now, reason, care), actor=actor.name,
            state="running", created_at=now, expected=len(groups), about=about, origin=actor.origin or "", connection=connection, paid=now,
        )  # fmt: skip
        return self._begin(made, actor, [one.id for one in groups])

    def _begin(self, act: GroupAct, actor: Actor, ids: Sequence[str], *, waits: bool = False) -> GroupAct:
        """Note it, and its first step; one with care, or that waits for a store, leaves that to the background. Raises BackendUnavailable."""
        self._reserve(act, ids)
        begun = act if act.careful or waits else self._step(act, actor, ids)
        self._write(begun, _entry(actor, act.verb, begun, len(ids)))
        return replace(begun, version=1)

    def list(self) -> list[GroupAct]:
        """Newest first; none where the store that keeps them does not answer."""
        try:
            notes = self.stores.outages.ask(self.stores.default, lambda: self.stores.backend().notes.all(KIND))
        except BackendUnavailable:
            return []
        return sorted(map(group_act.read, notes), key=lambda one: -one.created_at)

    def get(self, id: str) -> GroupAct | None:
        """One of them."""
        return next((one for one in self.list() if one.id == id), None)

    def stop(self, actor: Actor, act: GroupAct) -> GroupAct:
        """Go no further; what was done stays done. Raises PermissionDenied."""
        require(actor, Ability.OPERATE)
        while act.state == "running":
            now = self.stores.backend().now()
            stopped = replace(act, state="stopped", finished_at=now)
            if self._write(stopped, entry(actor, "stop", f"operation:{act.id}")):
                return stopped
            act = self.get(act.id) or replace(act, state="stopped")
        return act

    def undo(self, actor: Actor, act: GroupAct) -> Undone:
        """Stop it where it still runs, and put back what it cancelled; what lies on a store that is away follows once that is back.

        Raises PermissionDenied, InvalidInput for another verb, or where nothing of it stands.
        """
        if act.verb != CANCEL:
            raise InvalidInput(f"a cancel can be undone; this act is: {act.verb}")
        ran, act = act.state == "running", self.stop(actor, act)
        ids, mark = self._ids(act.id), str(act.params[MARK])  # all of them: a step that was under way is not noted
        found = self._found(ids, act.connection)
        there = [one.id for one in found if one.reason == mark]  # not what somebody else has cancelled
        unseen = self._unseen(ids, {one.id for one in found}, act.connection)
        if not there and not unseen:
            raise InvalidInput("nothing matches any more")
        now = self.stores.backend().now()
        back = GroupAct(
            id=uuid7(), verb=UNCANCEL, kind=act.kind, query=JobQuery(), params={UNDOES: mark}, actor=actor.name, state="running", created_at=now,
            expected=len(there) + len(unseen), about=act.about, origin=actor.origin or "", connection=act.connection, paid=now,
        )  # fmt: skip
        return Undone(said=self._begin(back, actor, [*there, *unseen], waits=not there), stopped=ran and act.state == "stopped")

    def _found(self, ids: Sequence[str], connection: str | None) -> Sequence[GroupRecord]:
        """Those that the stores tell of which answer."""
        try:
            return backend_of(self.stores, connection).groups.many(ids)
        except BackendUnavailable:
            return ()

    def _unseen(self, ids: Sequence[str], seen: Collection[str], connection: str | None) -> Sequence[str]:
        """Those that may lie on a store that does not answer; none where all answer, for then the others are kept no longer."""
        others = [id for id in ids if id not in seen]
        try:
            if others:
                GroupControl(self.stores).get(others[0], connection=connection)
        except NotFound:
            return ()
        except BackendUnavailable:
            pass
        return others

    def run(self) -> None:
        """One turn of whoever leads: carry on what runs. Raises BackendUnavailable where acts are kept."""
        begun = monotonic()
        for act in reversed([one for one in self.list() if one.state == "running"]):
            self._carry_on(act, begun)

    def _carry_on(self, act: GroupAct, begun: float) -> None:
        ids, actor = self._ids(act.id), Actor(name=act.actor, role="operator", origin=act.origin)
        while act.state == "running" and monotonic() - begun < TURN:
            try:
                after = group_care.step(self.stores, act, ids) if act.careful else self._step(act, actor, ids)
            except BackendUnavailable:
                return  # it waits for the store of its next group, and keeps no other act from going on
            if after == act:
                return  # its pace, or what it watches, lets it go no further now
            if not self._write(after, guarding.stop_entry(act.id, after.trace) if after.trace.stopped else None):
                return  # somebody stopped it meanwhile
            act = replace(after, version=act.version + 1)

    def _step(self, act: GroupAct, actor: Actor, ids: Sequence[str]) -> GroupAct:
        """Deal with the next groups, up to one whose store does not answer. Raises BackendUnavailable where that is the first."""
        control, results = GroupControl(self.stores), list[Result]()
        for id in ids[act.looked : act.looked + STEP]:
            try:
                results.append(_one(control, actor, act, id))
            except BackendUnavailable:
                if not results:
                    raise
                break  # what was done is noted first, or it would be done again
        if not results:  # its ids are kept no longer than itself
            return replace(act, state="done", finished_at=self.stores.backend().now())
        return group_act.moved(act, results, self.stores.backend().now())

    def _reserve(self, act: GroupAct, ids: Sequence[str]) -> None:
        """Note what it is about, before anything is done that could not be told of."""
        change = NoteChange(kind=IDS, name=act.id, body="\n".join(ids), version=0, until=act.created_at + KEPT)
        if not all(self.stores.backend().notes.write([change])):
            raise InvalidTransition("too many acts on many groups are kept; wait until some are over")

    def _write(self, act: GroupAct, audit: AuditEntry | None) -> bool:
        change = NoteChange(
            kind=KIND, name=act.id, body=group_act.write(act), version=act.version, until=act.created_at + KEPT, audit=audit
        )  # fmt: skip
        return bool(self.stores.backend().notes.write([change])[0])

    def _ids(self, id: str) -> Sequence[str]:
        note = self.stores.backend().notes.get(IDS, id)
        return note.body.split("\n") if note is not None else []


def is_short(one: Operation) -> bool:
    """Whether it is an act on groups that was over before anybody was answered. Pure."""
    return isinstance(one, GroupAct) and one.state != "running" and (one.expected or 0) <= STEP


def fits(verb: str, group: GroupRecord) -> bool:
    """Whether an act would do something to it, as far as its own figures tell: what failed inside it may be in a group nested there."""
    if verb == CANCEL:
        return not group.ended
    return bool(group.failed) if verb == RETRY else bool(group.reason)


def _params(verb: str, actor: Actor, now: int, reason: str | None, care: Care | None) -> dict[str, object]:
    if verb == CANCEL:
        return {MARK: marks.mark(Verb.CANCEL, actor, now, reason)}
    return {**({NOTE: reason} if reason else {}), **(care.params if care is not None else {})}


def _one(control: GroupControl, actor: Actor, act: GroupAct, id: str) -> Result:
    """Do it to one group. Raises BackendUnavailable."""
    try:
        group = control.get(id, connection=act.connection)
        if act.verb == CANCEL:
            return id, _cancelled(control, actor, group, str(act.params[MARK])), 0, ()
        if act.verb == UNCANCEL and act.params.get(UNDOES, group.reason) != group.reason:
            return id, NOT_CANCELLED, 0, ()
        do = control.retry_failed if act.verb == RETRY else control.uncancel
        said = do(actor, id, connection=group.connection)
    except NotFound:
        return id, group_care.GONE, 0, ()
    except BackendUnavailable:
        raise
    except InvalidInput:
        return id, NOT_CANCELLED, 0, ()
    except HorizonError as error:
        return id, str(error)[:200], 0, ()
    if not said.done and not said.operations:
        return id, group_care.NOTHING_FAILED if act.verb == RETRY else "nothing of it could be put back", 0, ()
    return id, "", said.done, tuple(one.id for one in said.operations)


def _cancelled(control: GroupControl, actor: Actor, group: GroupRecord, mark: str) -> str:
    """Why one was left alone; empty: it is cancelled, now or by a step of this act whose end was not noted."""
    if group.reason == mark:
        return ""
    if group.ended:
        return f"it has ended already: {group.state}"
    if group.reason is not None:
        return "it was cancelled already"
    control.cancel(actor, group.id, reason=mark, connection=group.connection)
    return ""


def _entry(actor: Actor, verb: str, act: GroupAct, count: int) -> AuditEntry:
    why = marks.said(str(act.params.get(MARK) or act.params.get(NOTE) or ""))
    how = pacing.told_with(act.params)
    about = f"{act.about or 'those selected'}{f', {how}' if how else ''}"
    detail = f"{about}{f': {why}' if why and not marks.is_mark(Verb.CANCEL, why) else ''}"
    return entry(actor, f"{verb} {act.nouns}", f"operation:{act.id}", count=count, detail=detail)
