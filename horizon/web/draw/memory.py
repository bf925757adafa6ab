"""Memory over the life of a process, as one short line. Pure: figures in, a path and a sentence out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from horizon.core.clock import SECOND
from horizon.web import words

POINTS = 16
"""Points of a line: with a worker's hundred processes on a page, each of them weighs."""
FEWEST = 3
"""Below so many figures there is nothing to be seen."""
WIDTH, HEIGHT = 60, 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """What is drawn, and the same in words."""

    path: str
    label: str


def memory(figures: Sequence[int], step: int) -> Line | None:
    """Of figures in KiB, so many seconds apart, the oldest first; the line stands on zero. None where there are too few."""
    if len(figures) < FEWEST or max(figures) <= 0:
        return None
    points, top = _thinned(figures), max(figures)
    width = WIDTH / (len(points) - 1)
    drawn = "L".join(f"{index * width:.0f} {HEIGHT - value * (HEIGHT - 1) / top:.0f}" for index, value in enumerate(points))
    span = words.duration((len(figures) - 1) * step * SECOND)
    first, last = words.size(figures[0]), words.size(figures[-1])
    return Line(path=f"M{drawn}", label=f"Memory over {span}: {first} at first, at most {words.size(top)}, now {last}")


def _thinned(figures: Sequence[int]) -> list[int]:
    """The highest of each stretch."""
    if len(figures) <= POINTS:
        return list(figures)
    size = len(figures) / POINTS
    return [max(figures[int(index * size) : int((index + 1) * size)]) for index in range(POINTS)]
