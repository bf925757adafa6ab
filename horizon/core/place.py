"""The order in which the jobs of one queue and priority start: smaller places first, ties by push order.

A place is an integer below 2^53, so that every store, Lua's doubles included, keeps it exactly.
"""

from __future__ import annotations

from horizon.core.clock import SECOND, Micros

LIMIT = 2**53
DEFAULT_PATIENCE: Micros = 3600 * SECOND


def place(entry: Micros, *, deadline: Micros | None = None, patience: Micros = DEFAULT_PATIENCE) -> int:
    """Where a job that enters `pending` at `entry` stands.

    min(entry + patience, deadline): a near deadline overtakes whoever came earlier, one a year away overtakes nobody.
    """
    waits = entry + patience
    return min(waits, deadline, LIMIT - 1) if deadline is not None else min(waits, LIMIT - 1)
