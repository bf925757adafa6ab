"""`JobBatch`: a batch that was dispatched."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from horizon.core.group import GroupKind
from horizon.jobs.groups import adding
from horizon.jobs.groups.handle import Handle
from horizon.jobs.jobid import JobId


class JobBatch(Handle):
    """A batch by its id: `JobBatch.find(batch_id)`; None where there is none."""

    kind = GroupKind.BATCH

    def add(self, jobs: Iterable[Any]) -> list[JobId | None]:
        """Add jobs, chains and batches while it has not ended; `then` waits for them, too. The ids of the jobs.

        A job may add to its own batch: an attempt that runs again adds nothing twice. Raises GroupEnded.
        """
        added = adding.add(self._runtime, self.refresh().record, jobs)
        self.refresh()
        return added
