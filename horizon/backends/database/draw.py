"""The weighted draw between queues, as a pure function."""

from __future__ import annotations

from collections.abc import Sequence


def in_drawn_order(weighted: Sequence[tuple[str, int]], draw: float) -> list[str]:
    """All names; each next one is drawn by weight, and one number in [0, 1) is enough for the whole order."""
    left = list(weighted)
    order: list[str] = []
    while left:
        total = sum(weight for _, weight in left)
        point, index = draw * total, 0
        while index < len(left) - 1 and point >= left[index][1]:
            point -= left[index][1]
            index += 1
        name, weight = left.pop(index)
        draw = min(max(point / weight, 0.0), 0.999_999) if weight else draw
        order.append(name)
    return order
