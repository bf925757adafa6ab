"""Groups as they are read, and cancelled by a person."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from horizon.backends.database.audit import keep
from horizon.backends.database.db import Db, fetch
from horizon.backends.database.kernel import groups
from horizon.backends.database.kernel.dropping import drop
from horizon.backends.database.kernel.gates import MET, SHUT, names_of
from horizon.backends.database.kernel.rows import COMPLETED, PROCESSING
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.plan import first_at
from horizon.backends.database.show import records
from horizon.backends.database.store import Store
from horizon.backends.grouping import parse_cursor
from horizon.backends.nouns import Groups
from horizon.backends.seeking import Face, seek
from horizon.core.audit import AuditEntry
from horizon.core.clock import Micros
from horizon.core.envelope import On
from horizon.core.errors import NotFound
from horizon.core.group import (
    CANCELLED_BY_HAND,
    KIND_OF,
    MOST_RESULTS,
    STATE_OF,
    FirstFailure,
    GroupPage,
    GroupQuery,
    GroupRecord,
    GroupState,
    Link,
)
from horizon.core.record import Record

RELATED = 1_000
"""Jobs that wait for a group, of which `callbacks` tells at most."""


class Row(NamedTuple):
    """One row, with the id of the group it is nested in."""

    n: int
    id: str
    kind: int
    name: str
    parent: str | None
    state: int
    allow: str | None
    allow_all: int
    total: int
    completed: int
    failed: int
    cancelled: int
    generation: int
    created_at: Micros
    failed_at: Micros | None
    finished_at: Micros | None
    first_job: str | None
    first_type: str | None
    first_message: str | None
    reason: str | None
    options: str | None
    owner: str | None
    tenant: str | None


_COLUMNS = ", ".join("p.id" if name == "parent" else f"g.{name}" for name in Row._fields)
READ = f"SELECT {_COLUMNS} FROM horizon_group g LEFT JOIN horizon_group p ON p.n = g.parent WHERE "
CHANGES = "SELECT group_n, sum(total), sum(completed), sum(failed), sum(cancelled) FROM horizon_group_delta WHERE group_n IN ({in}) GROUP BY group_n"
RUN_NOW = f"SELECT group_n, count(*) FROM horizon_live INDEXED BY horizon_live_list WHERE state = {PROCESSING} AND group_n IN ({{in}}) GROUP BY group_n"
NUMBER = "SELECT n FROM horizon_group WHERE id = ?"
NEWEST = "SELECT coalesce(max(n), 0) FROM horizon_group"
MADE_FROM = "SELECT n, created_at FROM horizon_group WHERE n >= ? ORDER BY n LIMIT 1"
FACES = "SELECT g.n, g.created_at, g.id, g.name, g.owner, g.reason, g.first_type, g.first_message FROM horizon_group g WHERE "
PIECE = 1_000
"""Groups whose words are looked at together."""
CALLBACKS = "SELECT DISTINCT child FROM horizon_edge WHERE parent = ? ORDER BY child LIMIT ?"
PARENTS = "SELECT DISTINCT e.parent FROM horizon_job j JOIN horizon_edge e ON e.child = j.n WHERE j.id = ?"
LINKS = "SELECT j.id, e.parent, e.condition, e.state FROM horizon_job j JOIN horizon_edge e ON e.child = j.n WHERE j.id IN ({in})"
RESULTS = (
    "SELECT j.id, d.result FROM horizon_job j INDEXED BY horizon_job_group JOIN horizon_done d ON d.n = j.n "
    f"WHERE j.group_id = ? AND d.state = {COMPLETED} AND d.result IS NOT NULL ORDER BY j.n LIMIT ?"
)


class DatabaseGroups(Groups):
    """See `Groups`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def many(self, ids: Sequence[str]) -> Sequence[GroupRecord]:
        """See `Groups.many`."""
        found = {one.id: one for one in self._store.read(lambda db: self._shown(db, fetch(db, READ + "g.id IN ({in})", ids)))}
        return [found[id] for id in ids if id in found]

    def find(self, query: GroupQuery) -> GroupPage:
        """See `Groups.find`."""
        return self._store.read(lambda db: self._sought(db, query) if query.text else self._listed(db, query))

    def _listed(self, db: Db, query: GroupQuery) -> GroupPage:
        where, params = _conditions(db, query)
        items = self._shown(db, db.all(f"{READ}{where} ORDER BY g.n DESC LIMIT ?", (*params, query.limit + 1)))
        shown = items[: query.limit]
        return GroupPage(items=shown, next=str(shown[-1].n) if len(items) > len(shown) else None)

    def _sought(self, db: Db, query: GroupQuery) -> GroupPage:
        found = seek(query, _faces(db, *_conditions(db, query)))
        ns = found.ns[: query.limit]
        by_n = {one.n: one for one in self._shown(db, fetch(db, READ + "g.n IN ({in})", ns))}
        last = ns[-1] if len(found.ns) > len(ns) else found.last.n if found.last is not None else None
        return GroupPage(
            items=[by_n[n] for n in ns if n in by_n],
            next=None if last is None else str(last),
            searched_back_to=None if found.last is None else found.last.created_at,
        )

    def cancel(self, id: str, *, reason: str | None = None, audit: AuditEntry | None = None) -> GroupRecord:
        """See `Groups.cancel`."""

        def act(scope: Scope) -> bool:
            row = scope.db.one(NUMBER, (id,))
            if row is not None and groups.cancel(scope, row[0], reason or CANCELLED_BY_HAND):
                (group,) = self._shown(scope.db, scope.db.all(READ + "g.n = ?", (row[0],)))
                keep(scope, audit, group.unfinished)
            return row is not None

        if not self._store.act(act):
            raise NotFound(f"there is no group {id}")
        found = self.get(id)
        if found is None:
            raise NotFound(f"group {id} is not kept any longer")
        return found

    def drop(self, job: str, *, reason: str, audit: AuditEntry | None = None) -> bool:
        """See `Groups.drop`."""

        def act(scope: Scope) -> bool:
            dropped = drop(scope, job, reason)
            if dropped:
                keep(scope, audit)
            return dropped

        return self._store.act(act)

    def callbacks(self, id: str) -> Sequence[Record]:
        """See `Groups.callbacks`."""

        def look(db: Db) -> Sequence[Record]:
            row = db.one(NUMBER, (id,))
            return [] if row is None else records(self._store, db, [n for (n,) in db.all(CALLBACKS, (-row[0], RELATED))])

        return self._store.read(look)

    def parents(self, job: str, limit: int = MOST_RESULTS) -> Sequence[str]:
        """See `Groups.parents`."""

        def look(db: Db) -> Sequence[str]:
            found = sorted((n for (n,) in db.all(PARENTS, (job,))), key=lambda n: (n < 0, abs(n)))[:limit]
            names = names_of(db, found)
            return [names[n] for n in found if n in names]

        return self._store.read(look)

    def links(self, jobs: Sequence[str]) -> Sequence[Link]:
        """See `Groups.links`."""

        def look(db: Db) -> Sequence[Link]:
            rows = fetch(db, LINKS, jobs)
            names = names_of(db, sorted({parent for _, parent, _, _ in rows}))
            met = {MET: True, SHUT: False}
            return [
                Link(job=job, parent=names[parent], on=On(condition), met=met.get(state))
                for job, parent, condition, state in rows
                if parent in names
            ]

        return self._store.read(look)

    def results(self, id: str, limit: int = MOST_RESULTS) -> Sequence[tuple[str, bytes]]:
        """See `Groups.results`."""
        return [(job, bytes(result)) for job, result in self._store.read(lambda db: db.all(RESULTS, (id, limit)))]

    def _shown(self, db: Db, rows: Sequence[tuple[object, ...]]) -> list[GroupRecord]:
        found = [Row._make(row) for row in rows]
        ns = [row.n for row in found]
        changes = {n: [int(one) for one in more] for n, *more in fetch(db, CHANGES, ns)}
        running = dict(fetch(db, RUN_NOW, ns))
        return [_record(self._store.options.name, row, changes.get(row.n, [0, 0, 0, 0]), running.get(row.n, 0)) for row in found]


def _conditions(db: Db, query: GroupQuery) -> tuple[str, list[object]]:
    before = parse_cursor(query.cursor)
    given: list[tuple[str, object]] = [("g.n < ?", before if before is not None else 2**62)]
    if query.before is not None:
        given.append(("g.n < ?", first_at(db, query.before, NEWEST, MADE_FROM)))
    if query.after is not None:
        given.append(("g.n >= ?", first_at(db, query.after, NEWEST, MADE_FROM)))
    if query.kind is not None:
        given.append(("g.kind = ?", query.kind.code))
    if query.state is not None:
        given.append(("g.state = ?", GroupState(query.state).code))
    if query.parent is not None:
        given.append(("g.parent = (SELECT n FROM horizon_group WHERE id = ?)", query.parent))
    given += [(f"g.{column} = ?", value) for column, value in _words(query) if value is not None]
    return " AND ".join([text for text, _ in given] + (["g.parent IS NULL"] if query.top else [])), [value for _, value in given]


def _faces(db: Db, where: str, params: Sequence[object]) -> Iterator[Face]:
    """What is looked at of each, a piece at a time."""
    below: object = 2**62
    while True:
        rows = db.all(f"{FACES}{where} AND g.n < ? ORDER BY g.n DESC LIMIT ?", (*params, below, PIECE))
        for row in rows:
            yield Face(*row[:3], *(text or "" for text in row[3:]))
        if len(rows) < PIECE:
            return
        below = rows[-1][0]


def _words(query: GroupQuery) -> tuple[tuple[str, str | None], ...]:
    return (("name", query.name), ("owner", query.user), ("tenant", query.tenant))


def _record(connection: str, row: Row, change: Sequence[int], processing: int) -> GroupRecord:
    total, completed, failed, cancelled = (
        figure + more for figure, more in zip((row.total, row.completed, row.failed, row.cancelled), change, strict=True)
    )
    return GroupRecord(
        id=row.id,
        n=row.n,
        kind=KIND_OF[row.kind],
        name=row.name,
        connection=connection,
        parent=row.parent,
        state=STATE_OF[row.state],
        sealed=row.state != groups.OPEN,
        allow=groups.allowed(row.allow),
        allow_all=bool(row.allow_all),
        total=total,
        pending=total - completed - failed - cancelled - processing,
        processing=processing,
        completed=completed,
        failed=failed,
        cancelled=cancelled,
        generation=row.generation,
        created_at=row.created_at,
        failed_at=row.failed_at,
        finished_at=row.finished_at,
        first_failure=None if row.first_job is None else FirstFailure(job_id=row.first_job, type=row.first_type, message=row.first_message),
        reason=row.reason,
        options=json.loads(row.options) if row.options else {},
        user=row.owner,
        tenant=row.tenant,
    )
