"""Arguments and results as a tree of small pieces, bounded in number and size. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

MOST_NODES = 200
MOST_TEXT = 2_000
MOST_ALL = 10_000
"""Characters of all texts together; from then on each is cut to `LEAST_TEXT`."""
LEAST_TEXT = 60
MOST_DEPTH = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """One value, with its key where it has one."""

    key: str | None
    kind: str
    """`str`, `num`, `word` (true, false, null), `map`, `list`."""
    text: str = ""
    size: int = 0
    """Of a map or list: entries; of a text that was cut: characters."""
    children: tuple[Node, ...] = ()
    open: bool = False
    cut: bool = False


class _Budget:
    """How much may still be drawn."""

    def __init__(self, nodes: int) -> None:
        self.nodes = nodes
        self.characters = MOST_ALL

    def take(self, wanted: int) -> int:
        """How many of these nodes."""
        taken = min(wanted, self.nodes)
        self.nodes -= taken
        return taken

    def cut(self, text: str) -> str:
        """What is shown of a text."""
        shown = text[: max(LEAST_TEXT, min(MOST_TEXT, self.characters))]
        self.characters -= len(shown)
        return shown


def tree(value: object, nodes: int = MOST_NODES) -> Node:
    """The tree of plain JSON data. What exceeds the bounds is left out and marked as cut."""
    return _node(None, value, _Budget(nodes), 0)


def _node(key: str | None, value: object, budget: _Budget, depth: int) -> Node:
    if isinstance(value, Mapping):
        return _branch(key, "map", ((str(name), item) for name, item in value.items()), len(value), budget, depth)
    if isinstance(value, (list, tuple)):
        return _branch(key, "list", ((str(index), item) for index, item in enumerate(value)), len(value), budget, depth)
    if isinstance(value, bool) or value is None:
        return Node(key=key, kind="word", text={None: "null", True: "true", False: "false"}[value])
    if isinstance(value, (int, float)):
        return Node(key=key, kind="num", text=_digits(value))
    text = str(value)
    shown = budget.cut(text)
    return Node(key=key, kind="str", text=shown, size=len(text), cut=len(shown) < len(text))


def _branch(key: str | None, kind: str, items: Iterable[tuple[str, object]], size: int, budget: _Budget, depth: int) -> Node:
    # a level is paid for before what hangs below it, so that one long list does not hide its neighbours
    shown = list(islice(items, budget.take(size) if depth < MOST_DEPTH else 0))
    children = tuple(_node(name, item, budget, depth + 1) for name, item in shown)
    return Node(key=key, kind=kind, size=size, children=children, open=depth < 2 and size <= 30, cut=len(children) < size)


def _digits(value: int | float) -> str:
    if isinstance(value, int) and value.bit_length() > 4_000:
        return f"a number of {value.bit_length()} bits"
    return str(value)
