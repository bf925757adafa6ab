"""The nouns of all stores as if they were of one."""

from __future__ import annotations

import builtins
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from horizon.backends.base import Backend
from horizon.backends.driven import PER_SECOND, pace, shared
from horizon.backends.guarding import CANARY, guard_of, together
from horizon.backends.queueing import Noted
from horizon.backends.rollup import Roll
from horizon.backends.together import find as merging
from horizon.backends.together.members import Members
from horizon.backends.values import Operation, QueueCount, QueueSettings, Sample, SessionRecord
from horizon.core.audit import AuditEntry, AuditPage, AuditQuery
from horizon.core.clock import Micros
from horizon.core.errors import BackendUnavailable, NotFound
from horizon.core.group import MOST_RESULTS, GroupPage, GroupQuery, GroupRecord, Link
from horizon.core.ids import uuid7
from horizon.core.query import JobQuery
from horizon.core.record import Record
from horizon.core.states import JobState

T = TypeVar("T")


class Queues:
    """A queue of the same name on several connections is one queue: what is done to it is done on each that knows it."""

    def __init__(self, members: Members) -> None:
        self._members = members

    def get(self, name: str) -> QueueSettings:
        """See `Queues.get`: of the first store that knows it."""
        return self._members.one(self._homes(name)[0], lambda store: store.queues.get(name))

    def all(self) -> Sequence[QueueSettings]:
        """See `Queues.all`."""
        found: dict[str, QueueSettings] = {}
        for settings in self._members.all(lambda store: store.queues.all()).values():
            for queue in settings:
                if queue.name not in found or (queue.defined and not found[queue.name].defined):
                    found[queue.name] = queue
        return sorted(found.values(), key=lambda queue: queue.name)

    def override(self, name: str, changes: Mapping[str, object], *, audit: Noted = None) -> QueueSettings:
        """See `Queues.override`."""
        return self._each(name, lambda store: store.queues.override(name, changes, audit=audit))[0]

    def pause(self, name: str, *, until: Micros | None = None, reason: str | None = None, audit: Noted = None) -> int:
        """See `Queues.pause`."""
        return sum(self._each(name, lambda store: store.queues.pause(name, until=until, reason=reason, audit=audit)))

    def resume(self, name: str, *, audit: Noted = None) -> None:
        """See `Queues.resume`."""
        self._each(name, lambda store: store.queues.resume(name, audit=audit))

    def _each(self, name: str, do: Callable[[Backend], T]) -> builtins.list[T]:
        return list(self._members.all(do, self._homes(name)).values())

    def _homes(self, name: str) -> Sequence[str]:
        """The stores that know a queue; the first that answers where none does."""
        known = self._members.all(lambda store: any(queue.name == name for queue in store.queues.all()))
        return [connection for connection, knows in known.items() if knows] or list(known)[:1]


class Operations:
    """A bulk act on every connection is one operation: the same id in each store, its figures added up."""

    def __init__(self, members: Members) -> None:
        self._members = members

    def start(
        self,
        verb: str,
        query: JobQuery,
        params: Mapping[str, object],
        *,
        actor: str,
        expected: int | None = None,
        audit: AuditEntry | None = None,
        id: str | None = None,
    ) -> Operation:
        """See `Operations.start`. `expected` is asked of each store anew, since it is about all of them; those that have some share a pace."""
        id = id or uuid7()
        totals = self._members.all(lambda store: store.find(replace(query, limit=1, cursor=None)).total)
        part = shared(params, sum(total != 0 for total in totals.values()))

        def begin(store: Backend) -> Operation:
            known = totals.get(store.name)
            told = None if audit is None else replace(audit, count=known or 0)
            return store.operations.start(verb, query, part, actor=actor, expected=known, audit=told, id=id)

        return merged(list(self._members.all(begin).values()))

    def get(self, id: str) -> Operation | None:
        """See `Operations.get`."""
        found = [one for one in self._members.all(lambda store: store.operations.get(id)).values() if one is not None]
        return merged(found) if found else None

    def list(self, limit: int = 50) -> Sequence[Operation]:
        """See `Operations.list`."""
        by_id: dict[str, builtins.list[Operation]] = {}
        for found in self._members.all(lambda store: store.operations.list(limit)).values():
            for one in found:
                by_id.setdefault(one.id, []).append(one)
        return sorted((merged(parts) for parts in by_id.values()), key=lambda one: -one.created_at)[:limit]

    def stop(self, id: str, *, audit: AuditEntry | None = None) -> Operation:
        """See `Operations.stop`."""

        def stop(store: Backend) -> Operation | None:
            return None if store.operations.get(id) is None else store.operations.stop(id, audit=audit)

        found = [one for one in self._members.all(stop).values() if one is not None]
        if not found:
            raise NotFound(f"there is no operation {id}")
        return merged(found)


def merged(parts: Sequence[Operation]) -> Operation:
    """One operation out of its parts on several stores. Pure."""
    states = {part.state for part in parts}
    state = next(word for word in ("running", "stopped", "done", parts[0].state) if word in states)
    reasons: Counter[str] = Counter()
    for part in parts:
        reasons.update(part.reasons)
    busy = [part for part in parts if part.expected != 0] or parts[:1]  # a store that has none takes nothing of the pace
    rate = sum(pace(part.params) or 0.0 for part in busy)
    canary = sum(guard_of(part.params).canary for part in busy)
    return replace(
        parts[0],
        state=state,
        params={**parts[0].params, **({PER_SECOND: rate} if rate else {}), **({CANARY: canary} if canary else {})},
        created_at=min(part.created_at for part in parts),
        finished_at=None if state == "running" else max((part.finished_at or 0 for part in parts), default=0) or None,
        expected=None if any(part.expected is None for part in parts) else sum(part.expected or 0 for part in parts),
        done=sum(part.done for part in parts),
        skipped=sum(part.skipped for part in parts),
        reasons=dict(reasons),
        trace=together([part.trace for part in parts]),
    )


class Numbers:
    """Counters add up."""

    def __init__(self, members: Members) -> None:
        self._members = members

    def counts(self) -> Sequence[QueueCount]:
        """See `Numbers.counts`."""
        found: dict[str, Counter[JobState]] = {}
        for counts in self._members.all(lambda store: store.numbers.counts()).values():
            for count in counts:
                found.setdefault(count.queue, Counter()).update(count.counts)
        return [QueueCount(queue=queue, counts=dict(counts)) for queue, counts in sorted(found.items())]

    def names(self) -> Mapping[str, Mapping[JobState, int]]:
        """See `Numbers.names`."""
        found: dict[str, Counter[JobState]] = {}
        for names in self._members.all(lambda store: store.numbers.names()).values():
            for name, counts in names.items():
                found.setdefault(name, Counter()).update(counts)
        return {name: dict(counts) for name, counts in found.items()}

    def samples(self, since: Micros, until: Micros | None = None, *, queue: str | None = None, name: str | None = None) -> Sequence[Sample]:
        """See `Numbers.samples`."""
        parts = self._members.all(lambda store: store.numbers.samples(since, until, queue=queue, name=name)).values()
        return sorted((sample for part in parts for sample in part), key=lambda sample: sample.minute)

    def latest(self, since: Micros) -> Sequence[Sample]:
        """See `Numbers.latest`."""
        return self.samples(since)

    def rolled(self, span: Micros, since: Micros, until: Micros, *, pairs: bool = True) -> Sequence[Roll]:
        """See `Numbers.rolled`. Each store keeps its own; whoever wants the sums of all asks store by store."""
        return []


class Groups:
    """A group lives on one connection, with all its members. A cursor holds one of each store."""

    def __init__(self, members: Members) -> None:
        self._members = members

    def get(self, id: str) -> GroupRecord | None:
        """See `Groups.get`. Raises BackendUnavailable where it was not found and a store did not answer."""
        found = self._members.all(lambda store: store.groups.get(id))
        here = next((one for one in found.values() if one is not None), None)
        if here is None and (silent := self._members.silent(found)):
            raise BackendUnavailable(
                f"group {id[:40]} may be on {' and '.join(silent)}, which {'does' if len(silent) == 1 else 'do'} not answer; "
                "the other connections do not have it"
            )
        return here

    def many(self, ids: Sequence[str]) -> Sequence[GroupRecord]:
        """See `Groups.many`."""
        found = {one.id: one for some in self._members.all(lambda store: store.groups.many(ids)).values() for one in some}
        return [found[id] for id in ids if id in found]

    def find(self, query: GroupQuery) -> GroupPage:
        """See `Groups.find`. Raises InvalidCursor."""
        at = merging.parse(query.cursor, self._members.names())
        asked = [name for name, where in at.items() if where != merging.END]
        pages = self._members.all(lambda store: store.groups.find(replace(query, cursor=at[store.name])), asked)
        return merging.groups(query.limit, at, pages)

    def cancel(self, id: str, *, reason: str | None = None, audit: AuditEntry | None = None) -> GroupRecord:
        """See `Groups.cancel`. Raises NotFound."""
        group = self.get(id)
        if group is None:
            raise NotFound(f"there is no group {id}")
        return self._members.one(group.connection, lambda store: store.groups.cancel(id, reason=reason, audit=audit))

    def drop(self, job: str, *, reason: str, audit: AuditEntry | None = None) -> bool:
        """See `Groups.drop`."""
        homes = self._members.all(lambda store: bool(store.many([job])))
        return any(
            self._members.one(name, lambda store: store.groups.drop(job, reason=reason, audit=audit)) for name, has in homes.items() if has
        )

    def callbacks(self, id: str) -> Sequence[Record]:
        """See `Groups.callbacks`."""
        return [one for some in self._members.all(lambda store: store.groups.callbacks(id)).values() for one in some]

    def parents(self, job: str, limit: int = MOST_RESULTS) -> Sequence[str]:
        """See `Groups.parents`."""
        return [one for some in self._members.all(lambda store: store.groups.parents(job, limit)).values() for one in some]

    def links(self, jobs: Sequence[str]) -> Sequence[Link]:
        """See `Groups.links`."""
        return [one for some in self._members.all(lambda store: store.groups.links(jobs)).values() for one in some]

    def results(self, id: str, limit: int = MOST_RESULTS) -> Sequence[tuple[str, bytes]]:
        """See `Groups.results`."""
        return [one for some in self._members.all(lambda store: store.groups.results(id, limit)).values() for one in some]


class Sessions:
    """Everybody, wherever they work."""

    def __init__(self, members: Members) -> None:
        self._members = members

    def list(self, *, kind: str | None = None, dead_since: Micros | None = None) -> Sequence[SessionRecord]:
        """See `Sessions.list`."""
        return [
            one
            for found in self._members.all(lambda store: store.sessions.list(kind=kind, dead_since=dead_since)).values()
            for one in found
        ]


class Audit:
    """What somebody did is written where it was done; what belongs to no store, in the first one.

    Its cursor is a time: two entries of the same microsecond on two connections stand on one page, or their order is that
    of the connections.
    """

    def __init__(self, members: Members) -> None:
        self._members = members

    def append(self, entry: AuditEntry) -> None:
        """See `Audit.append`."""
        self._members.first(lambda store: store.audit.append(entry))

    def find(self, query: AuditQuery) -> AuditPage:
        """See `Audit.find`; numbers (`seq`) are times here, so that entries of all stores have one order."""
        before = query.before if query.cursor is None else min(query.cursor, query.before or query.cursor)
        asked = replace(query, cursor=None, before=before, limit=query.limit + 1)
        pages = self._members.all(lambda store: store.audit.find(asked))
        barrier = max((page.searched_back_to or 0 for page in pages.values()), default=0)
        entries = [replace(entry, seq=entry.at, connection=name, own=entry.seq) for name, page in pages.items() for entry in page.items]
        seen = sorted((entry for entry in entries if (entry.at or 0) >= barrier), key=lambda entry: -(entry.at or 0))
        shown = _whole(seen, query.limit)
        more = len(seen) > len(shown) or any(page.next is not None for page in pages.values())
        last = shown[-1].at if shown else barrier or None
        return AuditPage(
            items=shown, next=last if more else None, searched_back_to=barrier if barrier and len(shown) < query.limit else None
        )

    def words(self, limit: int = 100) -> tuple[Sequence[str], Sequence[str]]:
        """See `Audit.words`."""
        found = self._members.all(lambda store: store.audit.words(limit)).values()
        actors = sorted({word for actors, _ in found for word in actors})
        verbs = sorted({word for _, verbs in found for word in verbs})
        return actors[:limit], verbs[:limit]

    def list(
        self, *, cursor: int | None = None, limit: int = 50, actor: str | None = None, verb: str | None = None
    ) -> Sequence[AuditEntry]:
        """See `Audit.list`."""
        return self.find(AuditQuery(cursor=cursor, limit=limit, actor=actor, verb=verb)).items


def _whole(entries: Sequence[AuditEntry], limit: int) -> Sequence[AuditEntry]:
    """The first `limit` entries, and those of the same moment as the last of them: the next page begins before it."""
    end = limit
    while 0 < end < len(entries) and entries[end].at == entries[end - 1].at:
        end += 1
    return entries[:end]
