"""Groups of jobs: batches, chains, workflows. What moves them is in `scripts/parts/groups.lua`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from horizon.backends.grouping import parse_cursor
from horizon.backends.nouns import Groups
from horizon.backends.redis import header
from horizon.backends.redis.show import record_of
from horizon.backends.redis.store import Store, audit_of
from horizon.backends.seeking import Face, seek
from horizon.core.audit import AuditEntry
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

LOOKS = 500
"""Groups that one call looks at, and callbacks it brings."""
PIECES = 250
"""Pieces of the list of members that one call looks at."""
FACE = ("n", "C", "N", "u", "Y", "ff")
"""The fields in which words are looked for, and the number and the time."""
FIGURES = {"t": "total", "6": "completed", "7": "failed", "8": "cancelled"}


class RedisGroups(Groups):
    """See `Groups`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def many(self, ids: Sequence[str]) -> Sequence[GroupRecord]:
        """See `Groups.many`."""
        rows = self._store.run("group_get", {"ids": list(ids)}, safe=True) if ids else []
        return [shown(self._store, *row) for row in rows]

    def find(self, query: GroupQuery) -> GroupPage:
        """See `Groups.find`."""
        if query.text:
            return self._sought(query)
        found = [shown(self._store, *row) for row in islice(self._rows(query, query.limit + 1), query.limit + 1)]
        items = found[: query.limit]
        return GroupPage(items=items, next=str(items[-1].n) if len(found) > len(items) else None)

    def _sought(self, query: GroupQuery) -> GroupPage:
        faces: dict[int, Face] = {}

        def walk() -> Iterator[Face]:
            for row in self._rows(query, LOOKS, FACE):
                face = _face(*row)
                faces[face.n] = face
                yield face

        found = seek(query, walk())
        ns = found.ns[: query.limit]
        last = ns[-1] if len(found.ns) > len(ns) else found.last.n if found.last is not None else None
        return GroupPage(
            items=self.many([faces[n].id for n in ns]),
            next=None if last is None else str(last),
            searched_back_to=None if found.last is None else found.last.created_at,
        )

    def _rows(self, query: GroupQuery, at_once: int, fields: Sequence[str] = ()) -> Iterator[tuple[bytes, Sequence[bytes]]]:
        """(id, fields) of all that fit the indexes, newest first, so many at a time."""
        below = parse_cursor(query.cursor)
        ask: dict[str, object] = {"list": _list_of(query), "wanted": _wanted(query), "looks": LOOKS, "limit": at_once}
        ask |= {name: str(at) for name, at in (("after", query.after), ("before", query.before)) if at is not None}
        ask |= {"fields": list(fields)} if fields else {}
        while True:
            rows, below = self._store.run("group_find", {**ask, "below": False if below is None else below}, safe=True)
            yield from rows
            if below is None:
                return

    def cancel(self, id: str, *, reason: str | None = None, audit: AuditEntry | None = None) -> GroupRecord:
        """See `Groups.cancel`."""
        self._store.run("group_cancel", {"id": id, "reason": reason or CANCELLED_BY_HAND, "audit": audit_of(audit)}, safe=True)
        found = self.get(id)
        if found is None:
            raise NotFound(f"there is no group {id}")
        return found

    def drop(self, job: str, *, reason: str, audit: AuditEntry | None = None) -> bool:
        """See `Groups.drop`."""
        return bool(self._store.run("group_drop", {"reason": reason, "audit": audit_of(audit)}, header.pack_id(job)))

    def callbacks(self, id: str) -> Sequence[Record]:
        """See `Groups.callbacks`."""
        found: list[Record] = []
        while True:
            after = found[-1].n if found else 0
            rows = self._store.run("group_waits", {"id": id, "after": after, "limit": LOOKS}, safe=True)
            found += [record_of(self._store, raw) for raw in rows]
            if len(rows) < LOOKS:
                return found

    def parents(self, job: str, limit: int = MOST_RESULTS) -> Sequence[str]:
        """See `Groups.parents`."""
        jobs, groups = self._store.run("group_waits", {"id": False, "limit": limit}, header.pack_id(job), safe=True)
        return [*(header.unpack_id(id) for id in jobs), *(id.decode() for id in groups)][:limit]

    def links(self, jobs: Sequence[str]) -> Sequence[Link]:
        """See `Groups.links`."""
        rows = self._store.run("group_links", [], *map(header.pack_id, jobs), safe=True) if jobs else []
        return [
            Link(job=jobs[at], parent=header.unpack_id(parent), on=On(on), met=None if met is None else bool(met))
            for at, parent, on, met in rows
        ]

    def results(self, id: str, limit: int = MOST_RESULTS) -> Sequence[tuple[str, bytes]]:
        """See `Groups.results`."""
        found: list[tuple[str, bytes]] = []
        piece: int | None = -1
        while piece is not None and len(found) < limit:
            what = {"id": id, "piece": False if piece < 0 else piece, "pieces": PIECES, "limit": limit - len(found)}
            rows, piece = self._store.run("group_results", what, safe=True)
            found += [(header.unpack_id(job), result) for job, result in rows]
        return found


def _face(id: bytes, values: Sequence[bytes | None]) -> Face:
    n, created_at, name, user, reason, failure = (value.decode() if value else "" for value in values)
    first = _first_failure(failure or None)
    return Face(
        n=int(n), created_at=int(created_at), id=id.decode(), name=name, user=user, reason=reason,
        type=(first.type or "") if first else "", message=(first.message or "") if first else "",
    )  # fmt: skip


def _list_of(query: GroupQuery) -> str:
    """The shortest list that holds all that may fit."""
    if query.parent is not None:
        return f"gc:{query.parent}"
    return "gz" if query.state is None else f"gs:{GroupState(query.state).code}"


def _wanted(query: GroupQuery) -> list[tuple[str, object]]:
    fields = {
        "k": None if query.kind is None else str(query.kind.code), "s": None if query.state is None else str(GroupState(query.state).code),
        "N": query.name, "p": query.parent, "T": query.tenant, "u": query.user,
    }  # fmt: skip
    wanted: list[tuple[str, object]] = [(field, value) for field, value in fields.items() if value is not None]
    return [*wanted, ("p", False)] if query.top else wanted


def shown(store: Store, id: bytes, flat: Sequence[bytes]) -> GroupRecord:
    """One group as it is read back, from its fields (scripts/parts/members.lua)."""
    f = {field.decode(): value.decode() for field, value in zip(flat[::2], flat[1::2], strict=True)}
    total, processing, completed, failed, cancelled = (int(f.get(letter, 0)) for letter in "t2678")
    state = STATE_OF[int(f["s"])]
    return GroupRecord(
        id=id.decode(),
        n=int(f["n"]),
        kind=KIND_OF[int(f["k"])],
        name=f["N"],
        connection=store.options.name,
        parent=f.get("p"),
        state=state,
        sealed=state is not GroupState.OPEN,
        allow=_allow(f.get("al")),
        allow_all="aa" in f,
        total=total,
        pending=total - processing - completed - failed - cancelled,
        processing=processing,
        completed=completed,
        failed=failed,
        cancelled=cancelled,
        generation=int(f.get("ge", 0)),
        created_at=int(f["C"]),
        failed_at=_int(f, "fa"),
        finished_at=_int(f, "F"),
        first_failure=_first_failure(f.get("ff")),
        reason=f.get("Y"),
        options=json.loads(f["o"]),
        user=f.get("u"),
        tenant=f.get("T"),
    )


def _int(f: Mapping[str, str], letter: str) -> int | None:
    return int(f[letter]) if letter in f else None


def _allow(kept: str | None) -> float | None:
    if kept is None:
        return None
    return float(kept[1:]) if kept[0] == "f" else int(kept[1:])


def _first_failure(kept: str | None) -> FirstFailure | None:
    if kept is None:
        return None
    id, type, message = json.loads(kept)
    return FirstFailure(job_id=id, type=type or None, message=message if type else None)


# recounting -----------------------------------------------------------------------------------------


def recounted(store: Store) -> Iterator[tuple[str, tuple[int, int]]]:
    """Of groups that have not ended, whose members are all kept: every figure that differs, with the truth."""
    for state in (GroupState.OPEN, GroupState.RUNNING):
        below: int | None = None
        while True:
            what = {"list": f"gs:{state.code}", "wanted": [], "looks": LOOKS, "limit": LOOKS, "below": False if below is None else below}
            rows, below = store.run("group_find", what, safe=True)
            for id, _ in rows:
                yield from _recounted(store, id.decode())
            if below is None:
                break


def _recounted(store: Store, id: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Where there is too much to count in one act, only figures that stood still meanwhile are judged."""
    truth: dict[str, int] = {}
    piece: int | None = -1
    before: dict[str, str] | None = None
    while piece is not None:
        counted, fields, piece = store.run("group_recount", {"id": id, "piece": False if piece < 0 else piece, "pieces": PIECES}, safe=True)
        figures = _texts(fields)
        before = figures if before is None else before
        for state, times in _texts(counted).items():
            truth[state] = truth.get(state, 0) + int(times)
    for letter, what in FIGURES.items():
        told, true = int(figures.get(letter, 0)), truth.get("0" if letter == "t" else letter, 0)
        if told != true and figures.get(letter) == (before or {}).get(letter):
            yield f"group:{id}/{what}", (told, true)


def _texts(flat: Sequence[Any]) -> dict[str, str]:
    return {_text(field): _text(value) for field, value in zip(flat[::2], flat[1::2], strict=True)}


def _text(value: bytes | int) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
