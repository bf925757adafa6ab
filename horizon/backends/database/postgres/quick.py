"""Pushing plain jobs by one statement, which is a transaction by itself.

What an act does in eight steps (is the id known, a number, three tables, the figures, word to those who wait) stands in
one statement here, so that a push costs one way to the server and back. Jobs whose unique key, edges, or queue with
limited room somebody has to look at first go the long way.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from horizon.backends.database.alike import USUAL, Own, are_alike, created, odd, own, rare
from horizon.backends.database.db import Refused, Row, Taken
from horizon.backends.database.kernel.birth import available_at
from horizon.backends.database.kernel.ledger import STATES
from horizon.backends.database.kernel.rows import PENDING, SCHEDULED
from horizon.backends.database.postgres.words import NOTIFY
from horizon.backends.database.push import KNOWN
from horizon.backends.values import TOMBSTONE, Pushed, PushStatus
from horizon.core.alike import kinds, take_back
from horizon.core.clock import Micros
from horizon.core.envelope import Envelope
from horizon.core.place import DEFAULT_PATIENCE, place

KINDS = {"id": "text", "payload": "bytea", "created_at": "bigint", "tags": "text"}
"""What each job has of its own, in the order in which it is sent."""

if TYPE_CHECKING:
    from horizon.backends.database.book import QueueBook
    from horizon.backends.database.postgres.driver import PostgresDb


def push(db: PostgresDb, book: QueueBook, now: Micros, envelopes: Sequence[Envelope]) -> list[Pushed] | None:
    """Store these; None, and nothing is done, where they have to go the long way."""
    fresh = take_back(envelopes)
    if not are_plain(envelopes):
        return None
    page, first = book.read(db), envelopes[0]
    if first.queue in page.most:
        return None
    birth = _birth(first, now, page.patience.get(first.queue, DEFAULT_PATIENCE))
    theirs = own(envelopes)
    if fresh:
        with suppress(Taken):  # an id that is known after all: nothing was stored
            _stored(db, theirs, birth, fresh=True)
            return created(envelopes)
    made = {id for id, _ in _stored(db, theirs, birth, fresh=False)}
    return created(envelopes) if len(made) == len(envelopes) else _answers(db, envelopes, made)


def are_plain(envelopes: Sequence[Envelope]) -> bool:
    """Whether these are alike, and can be said in one statement."""
    return are_alike(envelopes) and not any("\x00" in tag for one in kinds(envelopes) for tag in one.tags)


class Birth(NamedTuple):
    """What jobs of one push agree in."""

    now: Micros
    scheduled: bool
    odd: tuple[bool, ...]
    """Per column of `USUAL`: it holds something else."""
    again: bool
    """Round or crashes are not 0."""
    named: tuple[object, ...]
    strange: tuple[object, ...]
    """What is in those columns."""
    stands: tuple[object, ...]


def _birth(first: Envelope, now: Micros, patience: Micros) -> Birth:
    at, told = available_at(first, now), rare(first)
    scheduled, different = at > now, odd(told)
    again = (first.round, first.crashes) != (0, 0)
    stands = at if scheduled else place(now, deadline=first.deadline, patience=patience)
    return Birth(
        now,
        scheduled,
        different,
        again,
        (first.name, first.queue),
        tuple([value for value, is_odd in zip(told, different, strict=True) if is_odd]) if True in different else (),
        (stands, first.round, first.crashes) if again else (stands,),
    )


def _stored(db: PostgresDb, theirs: Own, birth: Birth, *, fresh: bool) -> list[Row]:
    """Ids of those that were new, unless they are `fresh`. Raises Taken where one of those is known."""
    timed = any(at is not None for at in theirs.created)
    many = len(theirs.ids) > 1
    shape = Shape(many, birth.scheduled, timed, bool(theirs.tags), birth.odd, birth.again, fresh)
    since = () if fresh else (birth.now - TOMBSTONE,)
    values = (
        *(_arrays if many else _alone)(db, theirs, birth.now, timed=timed),
        *birth.named,
        birth.now,
        *since,
        *birth.strange,
        *birth.stands,
    )
    return db.all(statement(shape), values)


def _alone(_: PostgresDb, theirs: Own, now: Micros, *, timed: bool) -> tuple[object, ...]:
    """What one job has of its own."""
    payload = theirs.payloads[0]
    if not isinstance(payload, bytes):
        raise Refused(f"a payload is bytes, got {type(payload).__name__}")
    return (theirs.ids[0], payload, *(theirs.created if timed else ()), *map(_tags, theirs.tags))


def _arrays(db: PostgresDb, theirs: Own, now: Micros, *, timed: bool) -> tuple[object, ...]:
    """The same of several, as arrays."""
    at = [[now if created is None else created for created in theirs.created]] if timed else []
    tags = [list(map(_tags, theirs.tags))] if theirs.tags else []
    return tuple(map(db.array, (theirs.ids, theirs.payloads, *at, *tags)))


def _tags(tags: Sequence[str]) -> str | None:
    return json.dumps(tags, ensure_ascii=False) if tags else None


class Shape(NamedTuple):
    """What a statement depends on."""

    many: bool
    scheduled: bool
    timed: bool
    """It is said when they were dispatched; else it was now."""
    tagged: bool
    odd: tuple[bool, ...]
    again: bool
    fresh: bool
    """None of them can be known, or have been removed."""

    def holes(self) -> dict[str, str]:
        """Where each value comes."""
        own = ["id", "payload", *["created_at"] * self.timed, *["tags"] * self.tagged]
        strange = [name for (name, _), is_odd in zip(USUAL, self.odd, strict=True) if is_odd]
        shared = ["name", "queue", "now", *["since"] * (not self.fresh), *strange, "stands", *["round", "crashes"] * self.again]
        return {name: f"${number}" for number, name in enumerate([*own, *shared], 1)}


@cache
def statement(shape: Shape) -> str:
    """The whole push, in the words of this wing."""
    hole = shape.holes()
    now = f"{hole['now']}::bigint"
    own = [name for name in KINDS if name in hole]
    given = [f"v.{name}" if shape.many else f"{hole[name]}::{KINDS[name]}" for name in own]
    arrays = ", ".join(f"{hole[name]}::{KINDS[name]}[]" for name in own)
    rows = f"v AS (SELECT * FROM unnest({arrays}) AS u({', '.join(own)})), " if shape.many else ""
    columns = {"n": "nextval('horizon_job_n')", "created_at": now, **dict(zip(own, given, strict=True)), "pushed_at": now}
    columns |= {name: hole[name] for name in ("name", "queue")} | {name: hole.get(name, usual) for name, usual in USUAL}
    source = " FROM v" if shape.many else ""
    new = "" if shape.fresh else (
        f" WHERE NOT EXISTS (SELECT 1 FROM horizon_tombstone d WHERE d.id = {given[0]} AND d.removed_at > {hole['since']}) "
        "ON CONFLICT (id) DO NOTHING"
    )  # fmt: skip
    code = SCHEDULED if shape.scheduled else PENDING
    count, queue, name = ("count(*)", "max(k.queue)", "max(k.name)") if shape.many else ("1", "k.queue", "k.name")
    states = ", ".join(count if number == code else "0" for number in range(1, len(STATES) + 1))
    stands = f"0, {hole['stands']}, {hole['stands']}" if shape.scheduled else f"{hole['stands']}, NULL, {now}"
    again = f"{hole['round']}, {hole['crashes']}" if shape.again else "0, 0"
    tags = ", t AS (INSERT INTO horizon_tag (tag, n) SELECT DISTINCT w.tag, k.n FROM k, jsonb_array_elements_text(k.tags::jsonb) AS w(tag))"
    notify = NOTIFY.replace("?", now)
    return (
        f"WITH {rows}k AS (INSERT INTO horizon_job ({', '.join(columns)}) SELECT {', '.join(columns.values())}{source}{new} "
        "RETURNING n, id, name, queue, priority, deadline, max_tries, timeout, tags, length(payload) AS size), "
        "l AS (INSERT INTO horizon_live (n, size, tries, runs, suspect, alone, key_spent, state, queue, name, rank, deadline, max_tries, timeout, "
        f"place, due, available_at, round, crashes) SELECT k.n, k.size, 0, 0, 0, 0, 0, {code}, k.queue, k.name, -k.priority, k.deadline, "
        f"k.max_tries, k.timeout, {stands}, {again} FROM k){tags if shape.tagged else ''}, "
        "d AS (INSERT INTO horizon_delta (at, queue, name, s1, s2, s3, s4, s5, s6, s7, s8, pushed, completed, failed, cancelled, retried, "
        f"memory_kb) SELECT {now}, {queue}, {name}, {states}, {count}, 0, 0, 0, 0, 0 FROM k{' HAVING count(*) > 0' if shape.many else ''}) "
        + (notify if shape.fresh else f"SELECT k.id, ({notify}) FROM k")
    )


def _answers(db: PostgresDb, envelopes: Sequence[Envelope], made: set[str]) -> list[Pushed]:
    """Of a push of which some was here already, or had been removed a moment ago."""
    known = {id for (id,) in db.fetch(KNOWN, [envelope.id for envelope in envelopes if envelope.id not in made])}
    return [
        Pushed(id=e.id, status=PushStatus.CREATED if e.id in made else PushStatus.EXISTS if e.id in known else PushStatus.GONE)
        for e in envelopes
    ]
