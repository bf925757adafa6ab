"""What the jobs and groups before a job returned, read when it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from horizon.backends.base import Backend
from horizon.core.clock import Micros
from horizon.core.group import GroupKind, GroupRecord
from horizon.core.states import JobState
from horizon.jobs import codec
from horizon.jobs.ambient import RuntimeLike, loader
from horizon.jobs.groups.handle import members, nested
from horizon.jobs.groups.pushing import GATE
from horizon.jobs.groups.removed import REMOVED
from horizon.security.sealed import is_sealed


class Parent(NamedTuple):
    """One that a job waited for."""

    id: str
    finished_at: Micros | None
    group: GroupRecord | None = None


def latest(parents: Sequence[Parent]) -> Parent:
    """The one that ended last; of several that ended in the same instant, the last one."""
    return max(enumerate(parents), key=lambda row: (row[1].finished_at or 0, row[0]))[1]


class Results:
    """Of one store."""

    def __init__(self, here: RuntimeLike, store: Backend) -> None:
        self._here, self._store = here, store

    def parents(self, job: str) -> list[Parent]:
        """Those that a job waited for: jobs, then groups, the first pushed first."""
        ids = self._store.groups.parents(job)
        jobs = {record.id: record for record in self._store.many(ids)}
        ids = [id for id in ids if id not in jobs or jobs[id].reason != REMOVED]
        groups = {group.id: group for group in self._store.groups.many([id for id in ids if id not in jobs])}
        return [
            Parent(id, groups[id].finished_at, groups[id]) if id in groups else Parent(id, jobs[id].finished_at if id in jobs else None)
            for id in ids
            if id not in groups or GATE not in groups[id].options
        ]

    def of(self, parent: Parent) -> Any:
        """What a job returned; of a chain what its last step did; of a batch or workflow what each of its jobs did, as a list."""
        if parent.group is not None:
            return self._of_group(parent.group)
        record = self._store.get(parent.id)
        return None if record is None else self._decoded(record.id, record.result)

    def _of_group(self, group: GroupRecord) -> Any:
        inner = nested(self._store, group.id)
        if group.kind is GroupKind.CHAIN:
            return self._of_last(group, inner)
        found = self._store.groups.results(group.id)
        return [*(self._decoded(id, result) for id, result in found), *(self._of_group(one) for one in inner)]

    def _of_last(self, group: GroupRecord, inner: Sequence[GroupRecord]) -> Any:
        """Of the step that ended last; among those that ended in the same instant, the one that was pushed last."""
        steps = [Parent(record.id, record.finished_at) for record in members(self._store, group.id, JobState.COMPLETED)]
        steps += [Parent(one.id, one.finished_at, one) for one in inner]
        return self.of(latest(steps)) if steps else None

    def _decoded(self, id: str, result: bytes | None) -> Any:
        if result is not None and is_sealed(result):
            result = self._here.keyring.open(id, result)
        return codec.with_models(codec.decode_result(result), loader(self._here))
