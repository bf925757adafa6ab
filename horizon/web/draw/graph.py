"""The steps of a chain or a workflow as boxes and lines, and as a tree. Pure.

A drawing holds no words: the template writes them, for they come from others and are made safe there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from horizon.core.envelope import On
from horizon.monitor.groups_graph import Graph, Step, Wait
from horizon.web.draw.layers import Placed, place

WIDTH, HEIGHT = 196, 48
"""Of a box."""
ACROSS, DOWN = 68, 16
"""Between two boxes."""
EDGE = 14
"""Around everything."""
DEEPEST = 8
ICONS: Mapping[str, str] = {
    "pending": "circle", "scheduled": "clock", "blocked": "lock", "processing": "run", "retrying": "retry", "completed": "ok",
    "failed": "alert", "cancelled": "cancel",
}  # fmt: skip
CONDITIONS: Mapping[On, str] = {On.FAILED: "if failed", On.ANY: "either way"}
"""What stands beside a line that does not simply wait for success."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """One step."""

    step: Step
    x: float
    y: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One thing that is waited for."""

    path: str
    head: str
    """The arrow at its end: a path of its own, since lines may be dashed."""
    on: str
    """`completed`, `failed` or `any`: each is dashed in its own way."""
    met: bool | None
    label: str
    x: float
    y: float
    """Where the label ends."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawing:
    """All of it, in pixels."""

    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    width: int
    height: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Twig:
    """One line of the tree."""

    step: Step
    depth: int
    above: Wait | None
    """What it stands below; None at the root."""
    also: tuple[Wait, ...]
    """What else it waits for."""


def draw(graph: Graph) -> Drawing:
    """Boxes in layers from left to right."""
    placed = place({step.id: [wait.parent for wait in step.waits] for step in graph.steps})
    boxes = {step.id: Box(step=step, x=_x(placed.at[step.id][0]), y=_y(placed.at[step.id][1]) - HEIGHT / 2) for step in graph.steps}
    lines = [_line(boxes[wait.parent], boxes[step.id], wait, placed) for step in graph.steps for wait in step.waits if wait.parent in boxes]
    return Drawing(
        boxes=tuple(boxes.values()),
        lines=tuple(sorted(lines, key=lambda line: line.met is True)),
        width=round(2 * EDGE + placed.layers * WIDTH + max(0, placed.layers - 1) * ACROSS),
        height=round(2 * EDGE + placed.height * (HEIGHT + DOWN) - DOWN) if boxes else 0,
    )


def _x(layer: float) -> float:
    return EDGE + layer * (WIDTH + ACROSS)


def _y(middle: float) -> float:
    return round(EDGE + middle * (HEIGHT + DOWN) - DOWN / 2, 1)


def _line(parent: Box, child: Box, wait: Wait, placed: Placed) -> Line:
    at, end = (parent.x + WIDTH, parent.y + HEIGHT / 2), (child.x, child.y + HEIGHT / 2)
    path = [f"M{at[0]:g} {at[1]:g}"]
    for layer, middle in placed.lines[parent.step.id, child.step.id]:
        left = (_x(layer), _y(middle))
        path.append(f"{_curve(at, left)}h{WIDTH}")
        at = (left[0] + WIDTH, left[1])
    path.append(_curve(at, (end[0] - 2, end[1])))
    return Line(
        path="".join(path), head=f"M{end[0] - 8:g} {end[1] - 4:g}l6 4l-6 4", on=wait.on.name.lower(), met=wait.met, label=CONDITIONS.get(wait.on, ""), x=end[0] - 9, y=end[1] - 6,
    )  # fmt: skip


def _curve(start: tuple[float, float], end: tuple[float, float]) -> str:
    half = (end[0] - start[0]) / 2
    return f"C{start[0] + half:g} {start[1]:g} {end[0] - half:g} {end[1]:g} {end[0]:g} {end[1]:g}"


def tree(graph: Graph) -> tuple[Twig, ...]:
    """Every step once, below the last of those it waits for, in the order of their numbers."""
    by_id = {step.id: step for step in graph.steps}
    below: dict[str | None, list[tuple[Step, Wait | None]]] = {}
    for step in graph.steps:
        known = [wait for wait in step.waits if wait.parent in by_id and by_id[wait.parent].number < step.number]
        above = max(known, key=lambda wait: by_id[wait.parent].number, default=None)
        below.setdefault(above.parent if above else None, []).append((step, above))
    return tuple(_twigs(below, by_id))


def _twigs(below: Mapping[str | None, Sequence[tuple[Step, Wait | None]]], by_id: Mapping[str, Step]) -> list[Twig]:
    found: list[Twig] = []
    todo = [(step, above, 0) for step, above in reversed(below.get(None, ()))]
    while todo:
        step, above, depth = todo.pop()
        also = tuple(wait for wait in step.waits if wait is not above and wait.parent in by_id)
        found.append(Twig(step=step, depth=min(depth, DEEPEST), above=above, also=also))
        todo += [(inner, over, depth + 1) for inner, over in reversed(below.get(step.id, ()))]
    return found
