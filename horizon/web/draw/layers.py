"""Where the boxes of a graph without circles stand, and which way its lines go. Pure.

1. Layers: each box stands one layer behind the last of those it waits for.
2. A line over several layers gets a point in each layer between, so that it goes around boxes instead of through them.
3. Order within a layer: boxes stand at the mean place of their neighbours, swept forwards and backwards a few times.
4. Heights: each box is drawn towards the middle of its neighbours, as far as those beside it allow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SWEEPS = 6
PULLS = 8
BESIDE = 0.45
"""Room that a line passing between boxes takes, where a box takes 1."""
Spot = str | tuple[str, str, int]
"""A box by its id; or a point of the line (from, to) in a layer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """All of it, in units of one box and the gap behind or below it."""

    at: Mapping[str, tuple[int, float]]
    """By box: its layer, and how far down its middle is."""
    lines: Mapping[tuple[str, str], tuple[tuple[int, float], ...]]
    """By (from, to): the points between the two, one for each layer that the line crosses."""
    layers: int
    height: float
    """From the top of the highest box to the foot of the lowest."""


def place(waits: Mapping[str, Sequence[str]]) -> Placed:
    """Place the boxes; `waits` names for each those it waits for. What is not a box of its own is left out."""
    waits = {id: tuple(dict.fromkeys(one for one in parents if one in waits and one != id)) for id, parents in waits.items()}
    layer = layers_of(waits)
    if not layer:
        return Placed(at={}, lines={}, layers=0, height=0.0)
    rows, before = _spots(waits, layer)
    _order(rows, before)
    middle = _heights(rows, before)
    lines = {
        (parent, id): tuple((at, middle[parent, id, at]) for at in range(layer[parent] + 1, layer[id]))
        for id, parents in waits.items()
        for parent in parents
    }
    lowest = max(middle[spot] + _room(spot) / 2 for row in rows for spot in row)
    return Placed(at={id: (layer[id], middle[id]) for id in waits}, lines=lines, layers=len(rows), height=lowest)


def layers_of(waits: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The layer of each box, from 0. Of a circle, which should not be, the boxes count as waiting for nobody in it."""
    layer: dict[str, int] = {}
    left = list(waits)
    while left:
        ready = [id for id in left if all(parent in layer for parent in waits[id])] or left
        for id in ready:
            layer[id] = 1 + max((layer[parent] for parent in waits[id] if parent in layer and parent not in ready), default=-1)
        left = [id for id in left if id not in layer]
    return layer


def _spots(waits: Mapping[str, Sequence[str]], layer: Mapping[str, int]) -> tuple[list[list[Spot]], dict[Spot, list[Spot]]]:
    """What stands in each layer, and who of the layer before leads to it."""
    rows: list[list[Spot]] = [[] for _ in range(max(layer.values()) + 1)]
    before: dict[Spot, list[Spot]] = {}
    for id, parents in waits.items():
        rows[layer[id]].append(id)
        for parent in parents:
            last: Spot = parent
            for at in range(layer[parent] + 1, layer[id]):
                point: Spot = (parent, id, at)
                rows[at].append(point)
                before[point] = [last]
                last = point
            before.setdefault(id, []).append(last)
    return rows, before


def _order(rows: list[list[Spot]], before: Mapping[Spot, Sequence[Spot]]) -> None:
    after: dict[Spot, list[Spot]] = {}
    for spot, parents in before.items():
        for parent in parents:
            after.setdefault(parent, []).append(spot)
    for sweep in range(SWEEPS):
        forwards = sweep % 2 == 0
        beside, order = (before, rows[1:]) if forwards else (after, rows[-2::-1])
        place = {spot: at for row in rows for at, spot in enumerate(row)}
        for row in order:
            row.sort(key=lambda spot: _mean([place[one] for one in beside.get(spot, ())], place[spot]))
            place.update((spot, at) for at, spot in enumerate(row))


def _heights(rows: Sequence[Sequence[Spot]], before: Mapping[Spot, Sequence[Spot]]) -> dict[Spot, float]:
    beside: dict[Spot, list[Spot]] = {}
    for spot, parents in before.items():
        for parent in parents:
            beside.setdefault(spot, []).append(parent)
            beside.setdefault(parent, []).append(spot)
    middle: dict[Spot, float] = {}
    for row in rows:
        middle.update(_stacked(row, [0.0] * len(row)))
    for pull in range(PULLS):
        for row in rows if pull % 2 == 0 else rows[::-1]:
            middle.update(_stacked(row, [_mean([middle[one] for one in beside.get(spot, ())], middle[spot]) for spot in row]))
    top = min(middle[spot] - _room(spot) / 2 for row in rows for spot in row)
    return {spot: at - top for spot, at in middle.items()}


def _stacked(row: Sequence[Spot], wanted: Sequence[float]) -> dict[Spot, float]:
    """As near to where each wants to be as the order and the room of the others allow: neighbours that would overlap form
    a block, which stands at the mean of what its members want."""
    blocks: list[tuple[list[Spot], float, float]] = []
    """(members, sum of where its top would be, room)"""
    for spot, want in zip(row, wanted, strict=True):
        block = ([spot], want - _room(spot) / 2, _room(spot))
        while blocks and _top(blocks[-1]) + blocks[-1][2] > _top(block) + 1e-9:
            members, tops, room = blocks.pop()
            block = (members + block[0], tops + block[1] - room * len(block[0]), room + block[2])
        blocks.append(block)
    found: dict[Spot, float] = {}
    for block in blocks:
        at = _top(block)
        for spot in block[0]:
            found[spot] = at + _room(spot) / 2
            at += _room(spot)
    return found


def _top(block: tuple[list[Spot], float, float]) -> float:
    return block[1] / len(block[0])


def _room(spot: Spot) -> float:
    return 1.0 if isinstance(spot, str) else BESIDE


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
