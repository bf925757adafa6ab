"""What people do to the steps of a chain that goes on: put one in, add one at the end, take one out."""

from __future__ import annotations

from horizon.control.acting import backend_of, entry
from horizon.control.dispatching import Dispatcher, NewJob, made
from horizon.control.groups import GroupControl, target_of
from horizon.core import current
from horizon.core.errors import InvalidTransition
from horizon.core.group import GroupKind
from horizon.jobs.groups import adding, inserting
from horizon.jobs.groups.steps import StepStatus
from horizon.jobs.jobid import JobId
from horizon.security.permissions import Ability, Actor, require

INSERT, REMOVE = "insert step", "remove step"
"""As the audit log calls them."""


class StepControl:
    """The verbs on steps of chains of one app."""

    def __init__(self, runtime: Dispatcher) -> None:
        self.runtime = runtime
        self.groups = GroupControl(runtime)

    def add(self, actor: Actor, id: str, wanted: NewJob, *, after: int | str | None = None, connection: str | None = None) -> JobId:
        """Put a job behind a step (its number from 1, or its id), or at the end; the id of the job.

        Only classes that are loaded here can be named. Raises PermissionDenied, NotFound, UnknownJobName, InvalidInput with what to
        do, GroupEnded, InvalidTransition for a held unique key.
        """
        require(actor, Ability.OPERATE)
        chain = self.groups.get(id, GroupKind.CHAIN, connection)
        store = backend_of(self.runtime, chain.connection)
        with current.use(self.runtime):
            job = made(wanted, self.runtime)
            pushed = (
                adding.append(self.runtime, store, chain, job) if after is None else inserting.insert(self.runtime, store, chain, job, after)
            )  # fmt: skip
        if pushed is None:
            raise InvalidTransition("another job holds the unique key of this one; nothing was stored")
        where = "at the end" if after is None else f"after step {after}"
        store.audit.append(entry(actor, INSERT, target_of(chain), detail=f"{wanted.name} {where}, as {pushed}"))
        return pushed

    def remove(self, actor: Actor, id: str, step: int | str, connection: str | None = None) -> StepStatus:
        """Take out a step that waits for another one; what waited for it waits for that one.

        Raises PermissionDenied, NotFound, InvalidInput with what to do.
        """
        require(actor, Ability.OPERATE)
        chain = self.groups.get(id, GroupKind.CHAIN, connection)
        audit = entry(actor, REMOVE, target_of(chain), detail=f"step {step}")
        return inserting.remove(backend_of(self.runtime, chain.connection), chain, step, audit)
