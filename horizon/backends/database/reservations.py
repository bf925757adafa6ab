"""Reserved jobs as their workers get them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from horizon.backends.database.db import fetch
from horizon.backends.database.kernel import record
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.values import Reservation
from horizon.core.clock import Micros

READ = (
    "SELECT l.n, j.id, j.name, l.queue, j.payload, j.version, l.tries, l.runs, l.round, l.rank, l.max_tries, l.timeout, j.backoff, "
    "j.retry_until, j.max_crashes, l.crashes, j.tags, j.owner, j.tenant, j.group_id, l.deadline, j.hook, j.code_version, j.signature, "
    "j.unique_key, j.created_at, l.available_at, j.until_processing, l.key_spent "
    "FROM horizon_live l JOIN horizon_job j ON j.n = l.n WHERE l.n IN ({in})"
)


class Reserved(NamedTuple):
    """What the reservations of one turn share."""

    word: str
    now: Micros
    alone: bool


def read_reservations(scope: Scope, ns: Sequence[int], made: Reserved) -> list[Reservation]:
    """In the order of their numbers; keys that last until the start are freed here, once for all."""
    rows = {row[0]: row for row in fetch(scope.db, READ, ns)}
    spent = [n for n, row in rows.items() if row[27] and not row[28]]
    record.spent_key(scope.db, spent)
    return [_reservation(rows[n], made) for n in ns]


def _reservation(row: tuple, made: Reserved) -> Reservation:  # type: ignore[type-arg]
    """Positional, in the order of `READ`: this is hot."""
    (
        n, id, name, queue, payload, version, tries, runs, round, rank, max_tries, timeout, backoff, retry_until, max_crashes, crashes,
        tags, user, tenant, group, deadline, hook, code_version, signature, unique_key, created_at, available_at, _, _,
    ) = row  # fmt: skip
    return Reservation(
        id, n, f"{made.word}:{n}", name, queue, payload, version, tries, runs, round, -rank, max_tries, timeout, backoff, retry_until,
        max_crashes, crashes, tuple(json.loads(tags)) if tags else (), user, tenant, group, deadline, bool(hook), code_version, signature,
        unique_key, created_at, available_at, made.now, made.alone,
    )  # fmt: skip
