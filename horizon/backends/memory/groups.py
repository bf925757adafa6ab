"""Groups as they are read, and cancelled by a person."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.backends.grouping import parse_cursor
from horizon.backends.memory.kernel import groups
from horizon.backends.memory.kernel.dropping import drop
from horizon.backends.memory.kernel.store import Group, Job, Store, Wait
from horizon.backends.memory.show import record_of
from horizon.backends.nouns import Groups
from horizon.backends.seeking import Face, seek
from horizon.core.audit import AuditEntry
from horizon.core.errors import NotFound
from horizon.core.group import CANCELLED_BY_HAND, MOST_RESULTS, GroupPage, GroupQuery, GroupRecord, GroupState, Link
from horizon.core.record import Record
from horizon.core.states import JobState


class MemoryGroups(Groups):
    """See `Groups`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, id: str) -> GroupRecord | None:
        """See `Groups.get`."""
        with self._store.lock:
            group = self._store.groups.get(id)
            return None if group is None else shown(self._store, group)

    def many(self, ids: Sequence[str]) -> Sequence[GroupRecord]:
        """See `Groups.many`."""
        with self._store.lock:
            return [shown(self._store, self._store.groups[id]) for id in ids if id in self._store.groups]

    def find(self, query: GroupQuery) -> GroupPage:
        """See `Groups.find`."""
        before = parse_cursor(query.cursor)
        with self._store.lock:
            found = {
                group.n: group
                for group in reversed(self._store.groups.values())
                if (before is None or group.n < before) and _fits(group, query)
            }
            sought = seek(query, map(_face, found.values()))
            items = [shown(self._store, found[n]) for n in sought.ns[: query.limit]]
            last = items[-1].n if len(sought.ns) > len(items) else sought.last.n if sought.last is not None else None
            return GroupPage(
                items=items,
                next=None if last is None else str(last),
                searched_back_to=None if sought.last is None else sought.last.created_at,
            )

    def cancel(self, id: str, *, reason: str | None = None, audit: AuditEntry | None = None) -> GroupRecord:
        """See `Groups.cancel`."""
        with self._store.act() as now:
            group = self._store.groups.get(id)
            if group is None:
                raise NotFound(f"there is no group {id}")
            if not group.state.ended and group.cancel_reason is None:
                self._store.keep(audit, now, group.unfinished)
                groups.cancel(self._store, group, reason or CANCELLED_BY_HAND, now)
                groups.ripen_all(self._store, now)
            return shown(self._store, group)

    def drop(self, job: str, *, reason: str, audit: AuditEntry | None = None) -> bool:
        """See `Groups.drop`."""
        with self._store.act() as now:
            found = self._store.jobs.get(job)
            if found is None or found.state is not JobState.BLOCKED:
                return False
            drop(self._store, found, reason, now)
            self._store.keep(audit, now)
            groups.ripen_all(self._store, now)
            return True

    def callbacks(self, id: str) -> Sequence[Record]:
        """See `Groups.callbacks`."""
        with self._store.lock:
            return [record_of(self._store, self._store.by_n[n]) for n in sorted(set(self._store.dependants.get(id, ())))]

    def parents(self, job: str, limit: int = MOST_RESULTS) -> Sequence[str]:
        """See `Groups.parents`."""
        with self._store.lock:
            of = self._store.jobs.get(job)
            ids = dict.fromkeys(wait.parent for wait in of.waits) if of is not None else {}
            jobs = sorted((self._store.jobs[id] for id in ids if id in self._store.jobs), key=lambda job: job.n)
            groups = sorted((self._store.groups[id] for id in ids if id in self._store.groups), key=lambda group: group.n)
            return [*(one.id for one in jobs), *(one.new.id for one in groups)][:limit]

    def links(self, jobs: Sequence[str]) -> Sequence[Link]:
        """See `Groups.links`."""
        with self._store.lock:
            known = [self._store.jobs[id] for id in jobs if id in self._store.jobs]
            return [_link(self._store, job, wait) for job in known for wait in job.waits]

    def results(self, id: str, limit: int = MOST_RESULTS) -> Sequence[tuple[str, bytes]]:
        """See `Groups.results`."""
        with self._store.lock:
            members = (job for job in self._store.by_n.values() if job.envelope.group == id and job.state is JobState.COMPLETED)
            return [(job.id, job.result) for job in members if job.result is not None][:limit]


def _link(store: Store, job: Job, wait: Wait) -> Link:
    return Link(job=job.id, parent=wait.parent, on=wait.on, met=True if wait.met else None if _undecided(store, wait) else False)


def _undecided(store: Store, wait: Wait) -> bool:
    if wait.of_group:
        group = store.groups.get(wait.parent)
        return group is not None and not group.state.ended
    parent = store.jobs.get(wait.parent)
    return parent is not None and (parent.state is None or not parent.state.terminal)


def _fits(group: Group, query: GroupQuery) -> bool:
    new = group.new
    return (
        query.kind in (None, new.kind)
        and query.state in (None, group.state)
        and query.name in (None, new.name)
        and query.parent in (None, new.parent)
        and not (query.top and new.parent is not None)
        and query.tenant in (None, new.tenant)
        and query.user in (None, new.user)
        and (query.after is None or group.created_at >= query.after)
        and (query.before is None or group.created_at < query.before)
    )


def _face(group: Group) -> Face:
    failure = group.first_failure
    return Face(
        n=group.n, created_at=group.created_at, id=group.id, name=group.new.name, user=group.new.user or "", reason=group.cancel_reason or "",
        type=(failure.type or "") if failure else "", message=(failure.message or "") if failure else "",
    )  # fmt: skip


def shown(store: Store, group: Group) -> GroupRecord:
    """One group as it is read back."""
    new = group.new
    processing = sum(store.jobs[id].state is JobState.PROCESSING for id in group.live_jobs)
    return GroupRecord(
        id=group.id,
        n=group.n,
        kind=new.kind,
        name=new.name,
        connection=store.options.name,
        parent=new.parent,
        state=group.state,
        sealed=group.state is not GroupState.OPEN,
        allow=new.allow,
        allow_all=new.allow_all,
        total=group.total,
        pending=group.total - group.completed - group.failed - group.cancelled - processing,
        processing=processing,
        completed=group.completed,
        failed=group.failed,
        cancelled=group.cancelled,
        generation=group.generation,
        created_at=group.created_at,
        failed_at=group.failed_at,
        finished_at=group.finished_at,
        first_failure=group.first_failure,
        reason=group.cancel_reason,
        options=new.options,
        user=new.user,
        tenant=new.tenant,
    )
