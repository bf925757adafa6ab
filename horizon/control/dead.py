"""Dead letters: jobs that failed for good too often. Look at them, give them back to their queue, remove them."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from horizon.backends.together.members import Members
from horizon.backends.values import Acted, ActParams, Operation, Verb
from horizon.control.acting import Stores, backend_of
from horizon.control.jobs import JobControl
from horizon.control.pacing import Care
from horizon.control.queues import QueueControl
from horizon.core import dead
from horizon.core.errors import NotFound
from horizon.core.query import DEFAULT_LIMIT, JobQuery, Page, Selection
from horizon.core.states import JobState
from horizon.jobs import options
from horizon.security.permissions import Actor


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadLetters:
    """Those of one queue."""

    queue: str
    connection: str
    count: int


class DeadControl:
    """What people do to dead letters. Each is a failed job, so every other act on jobs is for them, too."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores

    def queues(self, connection: str | None = None) -> Sequence[DeadLetters]:
        """The queues that have some, on every connection that answers or on one, by name. Raises NotFound (of a connection)."""
        names = None if connection is None else (backend_of(self.stores, connection).name,)
        counts = Members(self.stores).all(lambda store: store.numbers.counts(), names)
        found = [
            DeadLetters(queue=dead.own(row.queue), connection=name, count=row.counts.get(JobState.FAILED, 0))
            for name, rows in counts.items()
            for row in rows
            if dead.is_dead(row.queue)
        ]
        return sorted((one for one in found if one.count), key=lambda one: (one.queue, one.connection))

    def find(self, queue: str, *, limit: int = DEFAULT_LIMIT, cursor: str | None = None, connection: str | None = None) -> Page:
        """Those of one queue, the latest first. Raises InvalidOption, InvalidCursor, NotFound (of a queue or a connection)."""
        self.check(queue, connection)
        return backend_of(self.stores, connection).find(replace(of(queue), limit=limit, cursor=cursor))

    def requeue(
        self, actor: Actor, queue: str, *, connection: str | None = None, pace: float | Care | None = None, note: str | None = None
    ) -> Acted | Operation:
        """Run those of one queue again, each back on its own queue, in a new round. Raises PermissionDenied, InvalidOption, NotFound."""
        self.check(queue, connection)
        return JobControl(self.stores).act(actor, Verb.RETRY, Selection(query=of(queue)), connection=connection, pace=pace, note=note)

    def purge(self, actor: Actor, queue: str, *, reason: str | None = None, connection: str | None = None) -> Acted | Operation:
        """Forget those of one queue; they can be restored for a while. Raises PermissionDenied, InvalidOption, NotFound."""
        self.check(queue, connection)
        return JobControl(self.stores).act(actor, Verb.FORGET, Selection(query=of(queue)), ActParams(reason=reason), connection)

    def check(self, queue: str, connection: str | None = None) -> None:
        """Raise NotFound for a queue that nobody has named anywhere: an act on it is a slip of the pen, not zero jobs."""
        name = dead.own(options.queue(queue))
        store = backend_of(self.stores, connection)
        if store.find(replace(of(name), limit=1)).items or QueueControl(self.stores).known(name, connection=connection):
            return
        names = sorted(one.name for one in store.queues.all() if not dead.is_dead(one.name))
        near = difflib.get_close_matches(name, names, 1)
        raise NotFound(f"there is no queue {name!r}{f'; did you mean {near[0]}?' if near else ', so it has no dead letters'}")


def of(queue: str) -> JobQuery:
    """The dead letters of a queue, given by its own name or by theirs. Raises InvalidOption."""
    return JobQuery(queue=dead.letters(dead.own(options.queue(queue))), states=(JobState.FAILED,))
