"""Pushing plain jobs by one statement, which is a transaction by itself.

What an act does in eight steps (is the id known, a number, three tables, the figures, word to those who wait) stands in
one statement here, so that a push costs one way to the server and back. Jobs whose unique key, edges, or queue with
limited room somebody has to look at first go the long way.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING

from horizon.backends.database.kernel.birth import available_at
from horizon.backends.database.kernel.ledger import STATES
from horizon.backends.database.kernel.rows import PENDING, SCHEDULED
from horizon.backends.database.postgres.words import NOTIFY
from horizon.backends.database.push import KNOWN
from horizon.backends.values import TOMBSTONE, Pushed, PushStatus
from horizon.core.clock import Micros
from horizon.core.envelope import Envelope
from horizon.core.place import DEFAULT_PATIENCE, place

if TYPE_CHECKING:
    from horizon.backends.database.book import QueueBook
    from horizon.backends.database.postgres.driver import PostgresDb

SHARED = (
    "name", "queue", "version", "priority", "max_tries", "timeout", "backoff", "retry_until", "max_crashes", "deadline", "user", "tenant",
    "unique_for", "unique_until_processing", "weight", "hook", "code_version", "signature", "delay", "available_at", "round", "crashes",
)  # fmt: skip
"""What jobs of one such push agree in."""
_agreed = attrgetter(*SHARED)
_asks = attrgetter("unique_key", "edges", "group")
ASKS_NOTHING = (None, (), None)


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
    params = _params(db, now, envelopes, state, stands, at)
    ((count, made, _),) = db.all(statement(state == SCHEDULED, any(one.tags for one in envelopes)), params)
    if count == len(envelopes):
        return [Pushed(id=envelope.id, status=PushStatus.CREATED) for envelope in envelopes]
    return _answers(db, envelopes, set((made or "").split()))


def are_plain(envelopes: Sequence[Envelope]) -> bool:
    """Whether these ask for nothing that has to be looked at, and agree in all but ids, arguments, tags and time of dispatch."""
    first = envelopes[0]
    if _asks(first) != ASKS_NOTHING:
        return False
    agreed = _agreed(first)
    rest = envelopes[1:]
    if not all(_asks(one) == ASKS_NOTHING and _agreed(one) == agreed for one in rest):
        return False
    if any("\x00" in tag for one in envelopes for tag in one.tags):
        return False
    return not rest or len({envelope.id for envelope in envelopes}) == len(envelopes)


def _params(db: PostgresDb, now: Micros, envelopes: Sequence[Envelope], state: int, stands: int, at: Micros) -> tuple[object, ...]:
    e = envelopes[0]
    own = (
        db.array([one.id for one in envelopes]), db.array([one.payload for one in envelopes]),
        db.array([now if one.created_at is None else one.created_at for one in envelopes]),
    )  # fmt: skip
    job = (
        e.name, e.queue, now, e.priority, e.version, e.max_tries, e.timeout, e.backoff, e.retry_until, e.max_crashes, e.deadline, e.user,
        e.tenant, e.unique_for, int(e.unique_until_processing), e.weight, int(e.hook), e.code_version, e.signature,
    )  # fmt: skip
    live = (state, e.queue, e.name, -e.priority, stands, at if state == SCHEDULED else None, at if state == SCHEDULED else now,
            e.round, e.crashes, e.deadline, e.max_tries, e.timeout)  # fmt: skip
    texts = [db.array(_tags(one) for one in envelopes)]
    return (*own, *texts, *job, now - TOMBSTONE, *live, now, e.queue, e.name, len(envelopes), now)


def _tags(envelope: Envelope) -> str | None:
    return json.dumps(envelope.tags, ensure_ascii=False) if envelope.tags else None


@cache
def statement(scheduled: bool, tagged: bool) -> str:
    """The whole push, in the words of this wing."""
    code = SCHEDULED if scheduled else PENDING
    states = ", ".join("count(*)" if number == code else "0" for number in range(1, len(STATES) + 1))
    tag = ", t AS (INSERT INTO horizon_tag (tag, n) SELECT DISTINCT w.tag, k.n FROM k, jsonb_array_elements_text(k.tags::jsonb) AS w(tag))"
    return (
        "WITH v AS (SELECT * FROM unnest(?::text[], ?::bytea[], ?::bigint[], ?::text[]) AS u(id, payload, created_at, tags)), "
        "k AS (INSERT INTO horizon_job (n, id, payload, created_at, tags, name, queue, pushed_at, priority, version, max_tries, timeout, backoff, "
        "retry_until, max_crashes, deadline, owner, tenant, unique_for, until_processing, weight, hook, code_version, signature) "
        "SELECT nextval('horizon_job_n'), v.id, v.payload, v.created_at, v.tags, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? "
        "FROM v WHERE NOT EXISTS (SELECT 1 FROM horizon_tombstone d WHERE d.id = v.id AND d.removed_at > ?) "
        "ON CONFLICT (id) DO NOTHING RETURNING n, id, tags, length(payload) AS size), "
        "l AS (INSERT INTO horizon_live (n, size, tries, runs, suspect, alone, key_spent, state, queue, name, rank, place, due, available_at, "
        "round, crashes, deadline, max_tries, timeout) SELECT k.n, k.size, 0, 0, 0, 0, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM k)"
        + (tag if tagged else "")
        + ", d AS (INSERT INTO horizon_delta (at, queue, name, s1, s2, s3, s4, s5, s6, s7, s8, pushed, completed, failed, cancelled, retried, "
        f"memory_kb) SELECT ?, ?, ?, {states}, count(*), 0, 0, 0, 0, 0 FROM k HAVING count(*) > 0) "
        f"SELECT count(*), CASE WHEN count(*) < ? THEN string_agg(k.id, ' ') END, ({NOTIFY}) FROM k"
    )


def _answers(db: PostgresDb, envelopes: Sequence[Envelope], made: set[str]) -> list[Pushed]:
    """Of a push of which some was here already, or had been removed a moment ago."""
    known = {id for (id,) in db.fetch(KNOWN, [envelope.id for envelope in envelopes if envelope.id not in made])}
    return [
        Pushed(id=e.id, status=PushStatus.CREATED if e.id in made else PushStatus.EXISTS if e.id in known else PushStatus.GONE)
        for e in envelopes
    ]
