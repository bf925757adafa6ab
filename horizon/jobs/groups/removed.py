"""Chains without the steps that somebody took out of them: wherever a chain is told of, its figures are those."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from horizon.backends.base import Backend
from horizon.core.group import GroupKind, GroupRecord, GroupState
from horizon.core.query import MAX_LIMIT, JobQuery
from horizon.core.states import JobState

REMOVED = "removed from its chain"
"""Why such a step was cancelled."""
BLENDS = (GroupState.FAILED, GroupState.CANCELLED)
"""Ends that cancel the steps that are left: among these, one taken out before is no exception, and is not looked for."""


def without_removed(store: Backend, group: GroupRecord) -> GroupRecord:
    """A chain that goes on or is complete, with the figures of the steps that have run or still can; any other group as it is.

    Asks the store only where steps were cancelled. To be given what a store said, not what this made of it.
    """
    if group.kind is not GroupKind.CHAIN or group.state in BLENDS or not group.cancelled:
        return group
    query = JobQuery(
        group=group.id, states=(JobState.CANCELLED,), reason=REMOVED, limit=min(MAX_LIMIT, group.cancelled), include_forgotten=True
    )
    removed = len(store.find(query).items)
    return replace(group, total=group.total - removed, cancelled=group.cancelled - removed)


def all_without_removed(store: Backend, groups: Iterable[GroupRecord]) -> list[GroupRecord]:
    """The same of each."""
    return [without_removed(store, group) for group in groups]
