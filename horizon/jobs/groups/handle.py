"""A group that was dispatched, as code sees it: its figures, and what can be done to it.

Figures (`total_jobs`, `failed_jobs`, ...) are those of the last look, so that they fit together; whatever is called
(`progress()`, `finished()`, `cancel()`, ...) looks anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import ClassVar, Self

from horizon.backends.base import Backend
from horizon.backends.values import ACT_LIMIT, Verb
from horizon.core import clock
from horizon.core.errors import BackendUnavailable, JobTimeout, NotFound
from horizon.core.group import FirstFailure, GroupKind, GroupQuery, GroupRecord, GroupState
from horizon.core.query import MAX_LIMIT, JobQuery, Selection
from horizon.core.record import Record
from horizon.core.states import JobState
from horizon.jobs.ambient import RuntimeLike, runtime
from horizon.jobs.groups.failures import exception_of
from horizon.jobs.groups.removed import without_removed

LONGEST_POLL = 0.25
"""Seconds between two looks at a group that is waited for, once it has been waited for a while."""


class Handle:
    """One group by its id. Nothing is read before something is asked."""

    _horizon_is_group = True
    kind: ClassVar[GroupKind]

    def __init__(self, id: str, *, record: GroupRecord | None = None, here: RuntimeLike | None = None) -> None:
        self.id = str(id)
        self._runtime = here or runtime()
        self._seen = record
        self._kept: tuple[GroupRecord, GroupRecord] | None = None

    @classmethod
    def find(cls, id: str) -> Self | None:
        """The group of this id; None where there is none of this kind (any more)."""
        found = cls(id)
        return found if found._look() is not None else None

    def refresh(self) -> Self:
        """Look anew. Raises NotFound where it is stored no more, or is of another kind."""
        if self._look() is None:
            raise NotFound(f"there is no {self.kind} {self.id}; ended ones are kept only for a while")
        return self

    def _look(self) -> GroupRecord | None:
        found = stored(self._runtime, self.id, self._seen.connection if self._seen else None)
        if found is not None and found.kind is self.kind:
            self._seen = found
            return found
        return None

    @property
    def record(self) -> GroupRecord:
        """What the last look saw; the first one is taken now."""
        if self._seen is None:
            self.refresh()
        assert self._seen is not None
        return self._seen

    @property
    def _store(self) -> Backend:
        return self._runtime.backend(self.record.connection)

    @property
    def _counted(self) -> GroupRecord:
        """The same, of a chain without the steps that were taken out of it."""
        if self._kept is None or self._kept[0] is not self.record:
            self._kept = (self.record, without_removed(self._store, self.record))
        return self._kept[1]

    # figures --------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """As it was given; "" where none was."""
        return self.record.name

    @property
    def state(self) -> GroupState:
        """`open` while its jobs are still being pushed, then `running`, and how it ended."""
        return self.record.state

    @property
    def total_jobs(self) -> int:
        """All members, but for steps that were taken out of a chain; a nested group is one."""
        return self._counted.total

    @property
    def pending_jobs(self) -> int:
        """Those that have not ended, running ones included: together with `processed_jobs` they are all."""
        return self._counted.unfinished

    @property
    def processed_jobs(self) -> int:
        """Those that have ended, whatever way."""
        return self._counted.total - self._counted.unfinished

    @property
    def completed_jobs(self) -> int:
        """Those that did what they should."""
        return self._counted.completed

    @property
    def failed_jobs(self) -> int:
        """Those that failed for good."""
        return self._counted.failed

    @property
    def cancelled_jobs(self) -> int:
        """Those that were cancelled, or not needed."""
        return self._counted.cancelled

    @property
    def options(self) -> Mapping[str, object]:
        """What `.options(...)` was given."""
        return self.record.options

    @property
    def created_at(self) -> datetime | None:
        """When it was dispatched."""
        return clock.to_datetime(self.record.created_at)

    @property
    def finished_at(self) -> datetime | None:
        """When it ended; None until then, and again where a retry has opened it anew."""
        return clock.to_datetime(self.record.finished_at)

    @property
    def failure(self) -> FirstFailure | None:
        """What failed first: `job_id`, `type` and `message`."""
        return self.record.first_failure

    @property
    def exception(self) -> Exception | None:
        """The same as an exception, which is what `catch` is given."""
        return exception_of(self.record)

    # what looks anew ------------------------------------------------------------------------------

    def progress(self) -> int:
        """Percent of its jobs that have ended, 0 to 100."""
        return self.refresh()._counted.progress

    def finished(self) -> bool:
        """Whether it has ended, whatever way."""
        return self.refresh().record.ended

    def cancelled(self) -> bool:
        """Whether it was cancelled; true as soon as somebody did, while running jobs may still be stopping."""
        return is_cancelled(self.refresh().record)

    def jobs(self) -> Iterator[Record]:
        """The records of its own jobs, the first pushed first; those of nested groups are theirs."""
        return iter(members(self._store, self.id))

    def wait(self, timeout: float | None = 60.0) -> Self:
        """Block until it has ended. `timeout` in seconds; None waits for ever. Raises JobTimeout, a TimeoutError, and NotFound."""
        end = None if timeout is None else clock.monotonic() + timeout
        pause = 0.005
        while not self.finished():
            left = pause if end is None else end - clock.monotonic()
            if left <= 0:
                raise JobTimeout(
                    f"{self.kind} {self.id} has not ended within {timeout:g} s; it is {self.state}, {self.record.progress} % done"
                )
            clock.sleep(min(pause, left))
            pause = min(pause * 1.5, LONGEST_POLL)
        return self

    # verbs ----------------------------------------------------------------------------------------

    def cancel(self, reason: str | None = None) -> bool:
        """Cancel what has not started, and ask what runs to stop; False where it has ended already."""
        if self.refresh().record.ended:
            return False
        self._seen = self._store.groups.cancel(self.id, reason=reason)
        return True

    def retry_failed(self) -> int:
        """Retry every failed job of it, and of the groups nested in it; how many there were. What waited for them waits again."""
        self.refresh()
        done = retry(self._store, self.id)
        self.refresh()
        return done

    def __repr__(self) -> str:
        seen = self._seen
        return f"<{self.kind} {self.id}{f' {seen.name!r}, {seen.state}, {seen.progress} %' if seen else ''}>"


def stored(here: RuntimeLike, id: str, connection: str | None = None) -> GroupRecord | None:
    """A group, wherever it lives. Raises BackendUnavailable where it was not found and a store did not answer."""
    silent: BackendUnavailable | None = None
    for name in (connection,) if connection else here.connections():
        try:
            found = here.backend(name).groups.get(id)
        except BackendUnavailable as error:
            silent = silent or error
            continue
        if found is not None:
            return found
    if silent is not None:
        raise silent
    return None


def is_cancelled(group: GroupRecord) -> bool:
    """Whether somebody has cancelled it, ended or not."""
    return group.state is GroupState.CANCELLED or (not group.ended and group.reason is not None)


def members(store: Backend, group: str, *states: JobState, hidden: bool = False) -> list[Record]:
    """A group's own jobs in the order in which they were pushed. `hidden`: also what was not needed, or is forgotten."""
    found: list[Record] = []
    query: JobQuery | None = JobQuery(group=group, states=states, limit=MAX_LIMIT, include_forgotten=hidden)
    while query is not None:
        page = store.find(query)
        found += page.items
        query = replace(query, cursor=page.next) if page.next else None
    return sorted(found, key=lambda record: record.n)


def nested(store: Backend, group: str) -> list[GroupRecord]:
    """The groups in it, the first pushed first."""
    found: list[GroupRecord] = []
    cursor: str | None = None
    while True:
        page = store.groups.find(GroupQuery(parent=group, limit=MAX_LIMIT, cursor=cursor))
        found += page.items
        cursor = page.next
        if cursor is None:
            return found[::-1]


def retry(store: Backend, group: str) -> int:
    """Retry what failed in a group and in those nested in it, 500 jobs an act; once, though it fail again meanwhile."""
    ids = [record.id for record in members(store, group, JobState.FAILED)]
    acts = [Selection(ids=tuple(ids[start : start + ACT_LIMIT])) for start in range(0, len(ids), ACT_LIMIT)]
    done = sum(len(store.act(failed, Verb.RETRY).done) for failed in acts)
    return done + sum(retry(store, inner.id) for inner in nested(store, group))
