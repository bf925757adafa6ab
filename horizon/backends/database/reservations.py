"""Reserved jobs as their workers get them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from horizon.backends.database.db import Row
from horizon.backends.database.kernel import keys
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.values import Reservation
from horizon.core.clock import Micros


class Reserved(NamedTuple):
    """What the reservations of one turn share."""

    word: str
    now: Micros
    alone: bool


def reservations_of(scope: Scope, taken: Sequence[Row], ns: Sequence[int], made: Reserved) -> list[Reservation]:
    """In the order of these numbers; keys that last until the start are freed here, once for all."""
    rows = {row[0]: row for row in taken}
    spent = [n for n, row in rows.items() if row[27] and not row[28]]
    keys.spent_key(scope.db, spent)
    return [_reservation(rows[n], made) for n in ns]


def _reservation(row: tuple, made: Reserved) -> Reservation:  # type: ignore[type-arg]
    """Positional, in the order of `record.READ`: this is hot."""
    (
        n, id, name, queue, payload, version, tries, runs, round, rank, max_tries, timeout, backoff, retry_until, max_crashes, crashes,
        tags, user, tenant, group, deadline, hook, code_version, signature, unique_key, created_at, available_at, _, _,
    ) = row  # fmt: skip
    return Reservation(
        id, n, f"{made.word}:{n}", name, queue, payload, version, tries, runs, round, -rank, max_tries, timeout, backoff, retry_until,
        max_crashes, crashes, tuple(json.loads(tags)) if tags else (), user, tenant, group, deadline, bool(hook), code_version, signature,
        unique_key, created_at, available_at, made.now, made.alone,
    )  # fmt: skip
