"""What people do to the steps of a chain that goes on: put one in, add one at the end, take one out and bring it back."""

from __future__ import annotations

from horizon.backends.base import Backend
from horizon.control.acting import backend_of, entry
from horizon.control.dispatching import Dispatcher, NewJob, made
from horizon.control.editing import FROM, tags_from
from horizon.control.groups import GroupControl, target_of
from horizon.core import backoff, current
from horizon.core.errors import InvalidInput, InvalidTransition
from horizon.core.group import GroupKind, GroupRecord
from horizon.core.ids import derived
from horizon.jobs import stored
from horizon.jobs.groups import adding, inserting
from horizon.jobs.groups.handle import members
from horizon.jobs.groups.steps import StepStatus, status_of
from horizon.jobs.jobid import JobId
from horizon.jobs.said import Said
from horizon.jobs.shape import Shape
from horizon.jobs.unsealing import revealed
from horizon.security.permissions import Ability, Actor, require
from horizon.security.sealed import is_sealed

INSERT, REMOVE, RESTORE = "insert step", "remove step", "restore step"
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

    def restore(self, actor: Actor, id: str, step: int | str, connection: str | None = None) -> JobId:
        """Put a step that was removed back to where it stood: a new job like it, tagged `from:` the old one; its id.

        Raises PermissionDenied, NotFound, UnknownJobName, InvalidInput with what to do, GroupEnded, InvalidTransition.
        """
        require(actor, Ability.OPERATE)
        chain = self.groups.get(id, GroupKind.CHAIN, connection)
        store = backend_of(self.runtime, chain.connection)
        steps = status_of(store, chain).steps
        gone = inserting.named(steps, step)
        self._must_be_out(store, chain, gone)
        before = inserting.place_of(steps, gone)
        with current.use(self.runtime):
            # two who put it back at once push the same id, and a store keeps an id once
            pushed = inserting.insert(self.runtime, store, chain, self._again(store, gone), before.id, id=derived(gone.id, RESTORE))
        if pushed is None:
            raise InvalidTransition("another job holds the unique key of this one; nothing was stored")
        store.audit.append(entry(actor, RESTORE, target_of(chain), detail=f"step {gone.number} after step {before.number}, as {pushed}"))
        return pushed

    @staticmethod
    def _must_be_out(store: Backend, chain: GroupRecord, gone: StepStatus) -> None:
        if not gone.removed:
            raise InvalidInput(f"step {gone.number} was not removed; it is {gone.state}")
        again = next((record for record in members(store, chain.id) if FROM + gone.id in record.tags), None)
        if again is not None:
            raise InvalidInput(f"step {gone.number} was put back already, as {again.id}")

    def _again(self, store: Backend, gone: StepStatus) -> Shape:
        """A job with the arguments of the old one, and what was said of it: queue, priority, tags, tries, timeout, backoff."""
        old = store.get(gone.id)
        if old is None:
            raise InvalidInput(f"step {gone.number} is no longer kept; add it anew")
        readable = revealed(old, self.runtime.keyring).record if is_sealed(old.payload) else old
        job = made(NewJob(name=old.name, args=stored.arguments(readable.payload) or {}), self.runtime)
        said = Said(
            queue=old.queue, priority=old.priority, tags=tags_from(old), max_tries=old.max_tries, timeout=old.timeout, backoff=backoff.decode(old.backoff)
        )  # fmt: skip
        job._horizon.said = said.over(job._horizon.said)
        return job
