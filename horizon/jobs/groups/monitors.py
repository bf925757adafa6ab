"""Chains and workflows that were dispatched."""

from __future__ import annotations

from typing import Any, ClassVar

from horizon.core.group import GroupKind
from horizon.jobs.groups import adding, inserting
from horizon.jobs.groups.handle import Handle
from horizon.jobs.groups.steps import GroupStatus, status_of
from horizon.jobs.jobid import JobId


class Monitor(Handle):
    """A group whose members wait for one another, by its id."""

    kind: ClassVar[GroupKind]

    def get_status(self) -> GroupStatus:
        """How it stands now. Raises NotFound."""
        return status_of(self._store, self.refresh().record)


class ChainMonitor(Monitor):
    """`ChainMonitor(chain_id).get_status()`."""

    kind = GroupKind.CHAIN

    def append(self, job: Any) -> JobId | None:
        """Add a last step while it has not ended: a job, batch or workflow. The id of a job. Raises GroupEnded."""
        return adding.append(self._runtime, self._store, self.refresh().record, job)

    def insert(self, job: Any, after: int | str) -> JobId | None:
        """Put a job behind this step (its number from 1, or its id), if the step after it has not begun. The id of the job.

        Raises InvalidInput with what to do, NotFound, GroupEnded, and UnknownDependency where a step began this very moment.
        """
        return inserting.insert(self._runtime, self._store, self.refresh().record, job, after)

    def remove(self, step: int | str) -> None:
        """Take out a step (its number from 1, or its id) that waits for the one before it; what waited for it waits for that one instead.

        Raises InvalidInput with what to do for one that has begun, is a group, or is waited for from outside; NotFound.
        """
        inserting.remove(self._store, self.refresh().record, step)


class WorkflowMonitor(Monitor):
    """`WorkflowMonitor(workflow_id).get_status()`."""

    kind = GroupKind.WORKFLOW
