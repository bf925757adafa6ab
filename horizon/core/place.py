"""The order in which the jobs of one queue and priority start: smaller places first, ties by push order.

A place is an integer below 2^53, so that every store, Lua's doubles included, keeps it exactly.
"""

from __future__ import annotations

from horizon.core.clock import SECOND, Micros

LIMIT = 2**53
DEFAULT_PATIENCE: Micros = 3600 * SECOND
TURN = 1_000_000
"""From one place of a key to its next: how much that is does not matter, as long as shares divide it."""


def place(entry: Micros, *, deadline: Micros | None = None, patience: Micros = DEFAULT_PATIENCE, share: int = 1) -> int:
    """Where a job that enters `pending` at `entry` stands.

    min(entry + patience / share, deadline): a near deadline overtakes whoever came earlier, one a year away overtakes nobody. With a
    share of 0 it is the order in which they came, whatever the deadline.
    """
    waits = entry + patience // max(share, 1)
    return min(waits, LIMIT - 1) if deadline is None or not share else min(waits, deadline, LIMIT - 1)


def fair_place(entry: Micros, *, head: int | None, last: int | None, share: int = 1) -> int:
    """Where a job stands whose key takes turns with others: a turn behind the last one of its key that waits, and not before the first
    that waits at all.

    `head`: the first place taken in its queue and priority, None where nobody waits; `last`: the last one taken by its key, which may
    be parked by a limit.
    """
    first = entry if head is None else head
    return min(first if last is None else max(first, last + TURN // max(share, 1)), LIMIT - 1)
