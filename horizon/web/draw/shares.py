"""How the members of a group stand, as a bar of coloured shares. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from horizon.core.group import GroupRecord

LEAST = 1.2
"""Percent of the bar that even one job of a hundred thousand gets, so that a failure is seen."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """One colour of the bar; `x` and `width` in percent."""

    state: str
    count: int
    x: float
    width: float


def shares(group: GroupRecord) -> tuple[Share, ...]:
    """From the left: completed, failed, cancelled, running; what waits is the rest of the bar."""
    counts = (("completed", group.completed), ("failed", group.failed), ("cancelled", group.cancelled), ("processing", group.processing))
    whole = max(1, group.total)
    widths = {state: max(LEAST, 100 * count / whole) for state, count in counts if count}
    over = sum(widths.values()) - 100 * (group.total - group.pending) / whole
    if widths and over > 0:  # what the small ones were given more, the largest has less
        largest = max(widths, key=lambda state: widths[state])
        widths[largest] -= over
    made, x = [], 0.0
    for state, count in counts:
        if count:
            made.append(Share(state=state, count=count, x=round(x, 2), width=round(widths[state], 2)))
            x += widths[state]
    return tuple(made)
