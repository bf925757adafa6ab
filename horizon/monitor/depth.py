"""How many jobs of a queue had not ended at each step of a range, reckoned back from how many have not now. Pure.

Nothing is kept for it: what came and what ended is counted anyhow. Jobs that people brought back (a failed one retried) or took to
another queue are not counted there, so the further back, the rougher; never below what must have been there.
"""

from __future__ import annotations

from collections.abc import Sequence

from horizon.core.states import LIVE
from horizon.monitor.figures import QueueFigures
from horizon.monitor.history import Step


def depth(steps: Sequence[Step], row: QueueFigures) -> list[int]:
    """Jobs that waited or ran at the end of each step, the oldest first; the last one is now."""
    found, left = [], sum(row.count(state) for state in LIVE)
    for step in reversed(steps):
        found.append(max(0, left))
        left -= step.entered - step.completed - step.failed - step.cancelled
    return found[::-1]
