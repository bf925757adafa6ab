"""What people do to batches, chains and workflows: cancel them, and retry what failed in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from horizon.backends.base import Backend
from horizon.backends.values import ACT_LIMIT, Acted, ActParams, Operation, Verb
from horizon.control import marks
from horizon.control.acting import Stores, backend_of, entry
from horizon.control.jobs import JobControl
from horizon.control.pacing import Care
from horizon.control.preview import Preview, preview, together
from horizon.core.errors import InvalidInput, NotFound
from horizon.core.group import MAX_LIMIT, GroupKind, GroupQuery, GroupRecord
from horizon.core.query import MAX_LIMIT as FIND_LIMIT
from horizon.core.query import JobQuery, Selection
from horizon.core.states import JobState
from horizon.security.permissions import Ability, Actor, require

BACK = ActParams(keep_time=True)
"""Where it stood before."""
MOST_NESTED = 1_000
"""Groups inside a group that an act goes through."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Retried:
    """What became of the failed jobs of a group and of those nested in it."""

    done: int
    skipped: Sequence[tuple[str, str]] = ()
    """(job, why it was left as it was)."""
    operations: Sequence[Operation] = ()
    """Where more than one act may touch failed in one group."""


class GroupControl:
    """The verbs on groups of one app."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores

    def get(self, id: str, kind: GroupKind | None = None, connection: str | None = None) -> GroupRecord:
        """One of them, of this kind. Raises NotFound."""
        found = backend_of(self.stores, connection).groups.get(id)
        if found is None or kind not in (None, found.kind):
            raise NotFound(f"there is no {kind or 'group'} {id[:80]!r}; those that have ended are kept only for a while")
        return found

    def cancel(self, actor: Actor, id: str, *, reason: str | None = None, connection: str | None = None) -> GroupRecord:
        """Cancel what has not started and ask what runs to stop, in the groups inside it too; one that has ended stays as it is.

        Raises PermissionDenied, NotFound.
        """
        require(actor, Ability.OPERATE)
        group = self.get(id, connection=connection)
        store = backend_of(self.stores, group.connection)
        mark = marks.mark(Verb.CANCEL, actor, store.now(), reason)
        audit = entry(actor, "cancel", target_of(group), count=group.unfinished, detail=mark)
        return store.groups.cancel(id, reason=mark, audit=audit)

    def uncancel(self, actor: Actor, id: str, *, connection: str | None = None) -> Retried:
        """Put what a cancel of it has ended back to where it stood, in the groups inside it too; what ran has begun to stop, and can be
        retried. Callbacks of its end that ran already are not taken back.

        Raises PermissionDenied, NotFound, InvalidInput for a group that nobody cancelled, or cancelled otherwise.
        """
        require(actor, Ability.OPERATE)
        group = self.get(id, connection=connection)
        mark = group.reason or ""
        if not marks.is_mark(Verb.CANCEL, mark):
            raise InvalidInput(f"this {group.kind} was not cancelled by anybody, or is back already; it is {group.state}")
        store = backend_of(self.stores, group.connection)
        ids, put_back, left = [one.id for one in (group, *within(store, id))], 0, dict[str, str]()
        operations: list[Operation] = []
        for _ in ids:  # what waits for a job of another group can only follow it
            before, left = put_back, {}
            for one in ids:
                query = JobQuery(group=one, states=(JobState.CANCELLED,), reason=mark)
                said = JobControl(self.stores).act(actor, Verb.RETRY, Selection(query=query), BACK, group.connection)
                if isinstance(said, Operation):
                    operations.append(said)
                else:
                    put_back, left = put_back + len(said.done), {**left, **dict(said.skipped)}
            if operations or not left or put_back == before:
                break
        return Retried(done=put_back, skipped=tuple(left.items()), operations=operations)

    def preview_failed(self, *groups: GroupRecord) -> Preview:
        """What a retry of what failed in them, and in the groups inside them, would be about: a group that is met twice counts once."""
        stores = {group.connection: backend_of(self.stores, group.connection) for group in groups}
        asked = dict.fromkeys((at.connection, query) for at in groups for query in failed_in(stores[at.connection], at))
        seen = [one for at, query in asked if (one := preview(stores[at], query)).count or not one.exact]
        return together(seen) if seen else Preview(count=0, exact=True)

    def retry_failed(
        self, actor: Actor, id: str, *, connection: str | None = None, care: Care | None = None, note: str | None = None
    ) -> Retried:
        """Retry what failed in it, and in the groups inside it; what was cancelled because of it waits again.

        Where more than 500 jobs of one group failed, they become an operation, and with `care` in any case: one for all of them, or,
        where more than 500 failed in several groups, one for each of these. Raises PermissionDenied, NotFound, InvalidOption.
        """
        require(actor, Ability.OPERATE)
        group = self.get(id, connection=connection)
        control, done, skipped, operations = JobControl(self.stores), 0, list[tuple[str, str]](), list[Operation]()
        store = backend_of(self.stores, group.connection)
        queries = failed_in(store, group)
        for selection in _at_once(store, queries) if care else [Selection(query=query) for query in queries]:
            said = control.act(actor, Verb.RETRY, selection, connection=group.connection, pace=care, note=note)
            if isinstance(said, Acted):
                done += len(said.done)
                skipped += said.skipped
            else:
                operations.append(said)
        return Retried(done=done, skipped=skipped, operations=operations)


def failed_in(store: Backend, group: GroupRecord) -> list[JobQuery]:
    """The searches that find what failed in a group and in those nested in it; none where nothing did."""
    return [JobQuery(group=one.id, states=(JobState.FAILED,)) for one in (group, *within(store, group.id)) if one.failed]


def _at_once(store: Backend, queries: Sequence[JobQuery]) -> list[Selection]:
    """As one selection, where one act takes them all: a few first are then a few of all of them."""
    if len(queries) < 2:
        return [Selection(query=query) for query in queries]
    ids: list[str] = []
    for query in queries:
        page = store.find(replace(query, limit=FIND_LIMIT))
        ids += [job.id for job in page.items]
        if page.next is not None or len(ids) > ACT_LIMIT:
            return [Selection(query=one) for one in queries]
    return [Selection(ids=tuple(ids))] if ids else []


def within(store: Backend, id: str, most: int = MOST_NESTED) -> list[GroupRecord]:
    """The groups inside a group, however deep; the outer before the inner."""
    found: list[GroupRecord] = []
    todo = [id]
    while todo and len(found) < most:
        inner = list(children(store, todo.pop(0), most - len(found)))
        found += inner
        todo += [one.id for one in inner]
    return found


def children(store: Backend, id: str, most: int = MOST_NESTED) -> Iterator[GroupRecord]:
    """The groups nested in a group, the first pushed last."""
    query: GroupQuery | None = GroupQuery(parent=id, limit=min(most, MAX_LIMIT))
    while query is not None and most > 0:
        page = store.groups.find(query)
        yield from page.items[:most]
        most -= len(page.items)
        query = GroupQuery(parent=id, limit=MAX_LIMIT, cursor=page.next) if page.next else None


def target_of(group: GroupRecord) -> str:
    """What the audit log names."""
    return f"{group.kind}:{group.id}"
