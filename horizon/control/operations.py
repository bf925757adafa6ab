"""Bulk acts under way and over: look, stop, undo."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.backends.guarding import NOTE, guard_of, room
from horizon.backends.values import ActParams, Operation, Verb
from horizon.control import marks
from horizon.control.acting import Stores, backend_of, entry
from horizon.control.group_act import GroupAct, Undone
from horizon.control.jobs import JobControl
from horizon.control.many_groups import GroupActs
from horizon.control.marks import UNDONE_BY, marked
from horizon.control.verbs import RULES
from horizon.core.errors import InvalidInput, NotFound
from horizon.core.query import Selection
from horizon.security.permissions import Ability, Actor, require


class OperationControl:
    """The verbs on stored operations of one app."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores
        self.of_groups = GroupActs(stores)

    def get(self, id: str, connection: str | None = None) -> Operation:
        """One of them; of one on several connections, all its parts together. Raises NotFound."""
        found = backend_of(self.stores, connection).operations.get(id) or self.of_groups.get(id)
        if found is None:
            raise NotFound(f"there is no operation {id[:80]!r}")
        return found

    def list(self, limit: int = 50, connection: str | None = None) -> Sequence[Operation]:
        """Newest first."""
        of_jobs = backend_of(self.stores, connection).operations.list(limit)
        of_groups = [one for one in self.of_groups.list() if connection is None or connection == one.connection]
        return sorted([*of_jobs, *of_groups], key=lambda one: -one.created_at)[:limit] if of_groups else of_jobs

    def stop(self, actor: Actor, id: str, connection: str | None = None) -> Operation:
        """Go no further, wherever it runs; what was done stays done. Raises PermissionDenied, NotFound."""
        require(actor, Ability.OPERATE)
        one = self.get(id, connection)
        if isinstance(one, GroupAct):
            return self.of_groups.stop(actor, one)
        return backend_of(self.stores, connection).operations.stop(id, audit=entry(actor, "stop", f"operation:{id}"))

    def undo(self, actor: Actor, id: str, connection: str | None = None) -> Undone:
        """Stop it where it still runs, and bring back what it cancelled or forgot; jobs that changed since are left alone.

        Raises PermissionDenied, NotFound, InvalidInput for an operation that cannot be undone.
        """
        one = self.get(id, connection)
        if isinstance(one, GroupAct):
            return self.of_groups.undo(actor, one)
        if not undoable(one):
            raise InvalidInput(f"what was cancelled or forgotten can be undone; this operation is: {one.verb}")
        verb = Verb(one.verb)
        require(actor, RULES[UNDONE_BY[verb]].ability)
        stopped = one.state == "running" and self.stop(actor, id, connection).state == "stopped"
        query = marked(verb, one.query, str(one.params["reason"]))
        params = ActParams(keep_time=True) if verb is Verb.CANCEL else ActParams()
        return Undone(said=JobControl(self.stores).act(actor, UNDONE_BY[verb], Selection(query=query), params, connection), stopped=stopped)


def undoable(one: Operation) -> bool:
    """Whether it left a mark by which what it did is found again."""
    return one.verb in {verb.value for verb in UNDONE_BY} and bool(one.params.get("reason"))


def reason_of(one: Operation) -> str:
    """Why somebody wished it, as they said it; empty where they did not."""
    return marks.said(str(one.params.get("reason") or "")) or str(one.params.get(NOTE) or "")


def in_canary(one: Operation) -> bool:
    """Whether it has only put its canary to work so far."""
    return one.state == "running" and bool(guard_of(one.params).canary) and not one.trace.passed


def waits_for(one: Operation) -> int:
    """How many jobs must show how it goes before it goes on: one that has room for more, or nothing to beware of, waits for none."""
    if one.state != "running" or room(guard_of(one.params), one.trace, 1):
        return 0
    return len(one.trace.watch)
