"""From a group's record to the handle of its kind."""

from __future__ import annotations

from collections.abc import Mapping

from horizon.core.group import GroupKind, GroupRecord
from horizon.jobs.ambient import RuntimeLike
from horizon.jobs.groups.handle import Handle
from horizon.jobs.groups.job_batch import JobBatch
from horizon.jobs.groups.monitors import ChainMonitor, WorkflowMonitor

HANDLES: Mapping[GroupKind, type[Handle]] = {
    GroupKind.BATCH: JobBatch,
    GroupKind.CHAIN: ChainMonitor,
    GroupKind.WORKFLOW: WorkflowMonitor,
}


def handle_of(here: RuntimeLike, record: GroupRecord) -> Handle:
    """A `JobBatch`, `ChainMonitor` or `WorkflowMonitor` that has just been looked at."""
    return HANDLES[record.kind](record.id, record=record, here=here)
