"""Pushing plain jobs by one statement, which is a transaction by itself.

What an act does in eight steps (is the id known, a number, three tables, the figures, word to those who wait) stands in
one statement here, so that a push costs one way to the server and back. Jobs whose unique key, edges, or queue with
limited room somebody has to look at first go the long way.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from horizon.backends.database.alike import USUAL, Own, are_alike, created, odd, own, rare
from horizon.backends.database.db import Refused
from horizon.backends.database.kernel.birth import available_at
from horizon.backends.database.kernel.ledger import STATES
from horizon.backends.database.kernel.rows import PENDING, SCHEDULED
from horizon.backends.database.postgres.words import NOTIFY
from horizon.backends.database.push import KNOWN
from horizon.backends.values import TOMBSTONE, Pushed, PushStatus
from horizon.core.alike import kinds
from horizon.core.clock import Micros
from horizon.core.envelope import Envelope
from horizon.core.place import DEFAULT_PATIENCE, place

if TYPE_CHECKING:
    from horizon.backends.database.book import QueueBook
    from horizon.backends.database.postgres.driver import PostgresDb


def push(db: PostgresDb, book: QueueBook, now: Micros, envelopes: Sequence[Envelope]) -> list[Pushed] | None:
    """Store these; None, and nothing is done, where they have to go the long way."""
    first = envelopes[0]
    if not are_plain(envelopes):
        return None
    page = book.read(db)
    if first.queue in page.most:
        return None
    at = available_at(first, now)
    state = SCHEDULED if at > now else PENDING
    stands = place(now, deadline=first.deadline, patience=page.patience.get(first.queue, DEFAULT_PATIENCE)) if state == PENDING else 0
    told, theirs = rare(first), own(envelopes)
    shape = Shape(
        many=len(envelopes) > 1,
        scheduled=state == SCHEDULED,
        tagged=bool(theirs.tags),
        odd=odd(told),
        again=(first.round, first.crashes) != (0, 0),
    )
    params = (*_own(db, now, theirs, shape), *_shared(first, now, shape, told, stands, at))
    made = {id for id, _ in db.all(statement(shape), params)}
    if len(made) == len(envelopes):
        return created(envelopes)
    return _answers(db, envelopes, made)


def are_plain(envelopes: Sequence[Envelope]) -> bool:
    """Whether these are alike, and can be said in one statement."""
    return are_alike(envelopes) and not any("\x00" in tag for one in kinds(envelopes) for tag in one.tags)


def _shared(first: Envelope, now: Micros, shape: Shape, told: Sequence[object], stands: int, at: Micros) -> tuple[object, ...]:
    """What jobs agree in."""
    job = (first.name, first.queue, now, *(value for value, is_odd in zip(told, shape.odd, strict=True) if is_odd))
    unless = (now - TOMBSTONE,) if shape.many else (first.id, now - TOMBSTONE)
    live = (at, at) if shape.scheduled else (stands, now)
    again = (first.round, first.crashes) if shape.again else ()
    return (*job, *unless, *live, *again, now, now)


def _own(db: PostgresDb, now: Micros, theirs: Own, shape: Shape) -> tuple[object, ...]:
    """What jobs differ in: as it is of one, as arrays of several."""
    at = [now if created is None else created for created in theirs.created]
    tags = [json.dumps(tags, ensure_ascii=False) if tags else None for tags in theirs.tags]
    if not shape.many:
        return (theirs.ids[0], _bytes(theirs.payloads[0]), *at, *tags)
    columns: list[Sequence[object]] = [theirs.ids, theirs.payloads, at, *([tags] if tags else [])]
    return tuple(db.array(column) for column in columns)


def _bytes(payload: object) -> bytes:
    if not isinstance(payload, bytes):
        raise Refused(f"a payload is bytes, got {type(payload).__name__}")
    return payload


class Shape(NamedTuple):
    """What a statement depends on."""

    many: bool
    scheduled: bool
    tagged: bool
    odd: tuple[bool, ...]
    """Per column of `USUAL`: it holds something else."""
    again: bool
    """Round or crashes are not 0."""


@cache
def statement(shape: Shape) -> str:
    """The whole push, in the words of this wing."""
    own = ["id", "payload", "created_at", *(["tags"] if shape.tagged else [])]
    rare_columns = [name for name, _ in USUAL]
    values = ["?" if is_odd else usual for (_, usual), is_odd in zip(USUAL, shape.odd, strict=True)]
    kinds = {"id": "text", "payload": "bytea", "created_at": "bigint", "tags": "text"}
    arrays = ", ".join(f"?::{kinds[name]}[]" for name in own)
    given = ", ".join(f"v.{name}" for name in own) if shape.many else ", ".join("?" * len(own))
    rows = f"v AS (SELECT * FROM unnest({arrays}) AS u({', '.join(own)})), " if shape.many else ""
    source, id = ("FROM v ", "v.id") if shape.many else ("", "?")
    code = SCHEDULED if shape.scheduled else PENDING
    count, queue, name = ("count(*)", "max(k.queue)", "max(k.name)") if shape.many else ("1", "k.queue", "k.name")
    states = ", ".join(count if number == code else "0" for number in range(1, len(STATES) + 1))
    stands = "0, ?, ?" if shape.scheduled else "?, NULL, ?"
    tags = ", t AS (INSERT INTO horizon_tag (tag, n) SELECT DISTINCT w.tag, k.n FROM k, jsonb_array_elements_text(k.tags::jsonb) AS w(tag))"
    return (
        f"WITH {rows}k AS (INSERT INTO horizon_job (n, {', '.join(own)}, name, queue, pushed_at, {', '.join(rare_columns)}) "
        f"SELECT nextval('horizon_job_n'), {given}, ?, ?, ?, {', '.join(values)} {source}"
        f"WHERE NOT EXISTS (SELECT 1 FROM horizon_tombstone d WHERE d.id = {id} AND d.removed_at > ?) "
        "ON CONFLICT (id) DO NOTHING RETURNING n, id, name, queue, priority, deadline, max_tries, timeout, tags, length(payload) AS size), "
        "l AS (INSERT INTO horizon_live (n, size, tries, runs, suspect, alone, key_spent, state, queue, name, rank, deadline, max_tries, timeout, "
        f"place, due, available_at, round, crashes) SELECT k.n, k.size, 0, 0, 0, 0, 0, {code}, k.queue, k.name, -k.priority, k.deadline, "
        f"k.max_tries, k.timeout, {stands}, {'?, ?' if shape.again else '0, 0'} FROM k){tags if shape.tagged else ''}, "
        "d AS (INSERT INTO horizon_delta (at, queue, name, s1, s2, s3, s4, s5, s6, s7, s8, pushed, completed, failed, cancelled, retried, "
        f"memory_kb) SELECT ?, {queue}, {name}, {states}, {count}, 0, 0, 0, 0, 0 FROM k{' HAVING count(*) > 0' if shape.many else ''}) "
        f"SELECT k.id, ({NOTIFY}) FROM k"
    )


def _answers(db: PostgresDb, envelopes: Sequence[Envelope], made: set[str]) -> list[Pushed]:
    """Of a push of which some was here already, or had been removed a moment ago."""
    known = {id for (id,) in db.fetch(KNOWN, [envelope.id for envelope in envelopes if envelope.id not in made])}
    return [
        Pushed(id=e.id, status=PushStatus.CREATED if e.id in made else PushStatus.EXISTS if e.id in known else PushStatus.GONE)
        for e in envelopes
    ]
