"""Undoing a cancellation: jobs go back to where they stood, instead of beginning anew."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.backends.database.kernel import gates, record
from horizon.backends.database.kernel.rows import BLOCKED, PENDING, SCHEDULED, Done
from horizon.backends.database.kernel.scope import Scope


def put_back(scope: Scope, ends: Sequence[Done]) -> dict[int, str]:
    """Cancelled jobs: blocked where they wait for others, scheduled where their time has not come, else pending.

    They keep their tries, unless they are all used up. Returns why some are left alone, by number.
    """
    gated = gates.unmet(scope.db, [end.n for end in ends if not end.runs])
    _to_the_queue(scope, [end for end in ends if end.n not in gated])
    return _to_the_gate(scope, [end for end in ends if end.n in gated])


def _to_the_queue(scope: Scope, ends: Sequence[Done]) -> None:
    for later in (True, False):
        for spent in (True, False):
            group = [end for end in ends if ((end.available_at or 0) > scope.now) is later and _is_spent(end) is spent]
            state, at = (SCHEDULED, _due) if later else (PENDING, None)
            record.reopened(scope.db, scope.ledger, group, state, scope.now, place=scope.place, at=at, new_round=spent)
    gates.reopen(scope, [end.n for end in ends])


def _to_the_gate(scope: Scope, ends: Sequence[Done]) -> dict[int, str]:
    """Parents before their children: what one of them lets in again may be what another one waits for."""
    left = list(ends)
    while left:
        shut = gates.shut_parents(scope.db, [end.n for end in left])
        free = [end for end in left if end.n not in shut]
        if not free:
            return {n: gates.not_without(id) for n, id in shut.items()}
        record.reopened(scope.db, scope.ledger, free, BLOCKED, scope.now)
        gates.reopen(scope, [end.n for end in free])
        left = [end for end in left if end.n in shut]
    return {}


def _due(end: Done) -> int | None:
    return end.available_at


def _is_spent(end: Done) -> bool:
    return end.max_tries is not None and end.tries >= end.max_tries
