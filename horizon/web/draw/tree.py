"""Stored arguments and results as a tree of small pieces with their types, bounded in number and size. Pure.

Secrets are masked here, by the names of their keys; somebody who may not see payloads gets keys and types.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from horizon.jobs.stored import is_tagged, tail
from horizon.jobs.tagged import TAG
from horizon.security.payloads import ENCRYPTED, Sight, outline
from horizon.security.redaction import MASK, mask_written, secret
from horizon.security.sealed import is_sealed

MOST_NODES = 200
MOST_TEXT = 2_000
MOST_ALL = 10_000
"""Characters of all texts together; from then on each is cut to `LEAST_TEXT`."""
LEAST_TEXT = 60
MOST_DEPTH = 12
ALL = Sight()


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """One value, with its key where it has one."""

    key: str | None
    kind: str
    """`str`, `num`, `word` (true, false, null), `typed` (a value of a type that JSON does not have), `hidden`, `map`, `list`."""
    text: str = ""
    type: str = ""
    """What the value is, where that is not plain to see: `datetime`, `Order`, `set`."""
    size: int = 0
    """Of a map or list: entries; of a text that was cut: characters."""
    children: tuple[Node, ...] = ()
    open: bool = False
    cut: bool = False


class _Budget:
    """How much may still be drawn, and of what."""

    def __init__(self, nodes: int, seen: Sight) -> None:
        self.nodes = nodes
        self.characters = MOST_ALL
        self.seen = seen

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


def tree(value: object, nodes: int = MOST_NODES, *, seen: Sight = ALL) -> Node:
    """The tree of stored (tagged) JSON. What exceeds the bounds is left out and marked as cut."""
    return _node(None, value, _Budget(nodes, seen), 0)


def _node(key: str | None, value: Any, budget: _Budget, depth: int) -> Node:
    if key is not None and value is not None and secret(key, budget.seen.secret):
        return Node(key=key, kind="hidden", text=MASK)
    if isinstance(value, str) and is_sealed(value):
        return Node(key=key, kind="hidden", text=ENCRYPTED)
    if is_tagged(value):
        try:
            return _typed(key, value, budget, depth)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError):
            pass  # data that poses as one of our tags is shown as the data it is
    if isinstance(value, Mapping):
        return _branch(key, "map", ((str(name), item) for name, item in value.items()), len(value), budget, depth)
    if isinstance(value, (list, tuple)):
        return _branch(key, "list", ((None, item) for item in value), len(value), budget, depth)
    if not budget.seen.full and value is not None:
        return Node(key=key, kind="hidden", text=str(outline(value)))
    if isinstance(value, bool) or value is None:
        return Node(key=key, kind="word", text={None: "null", True: "true", False: "false"}[value])
    if isinstance(value, (int, float)):
        return Node(key=key, kind="num", text=_digits(value))
    text = budget.seen.text(str(value))
    shown = budget.cut(text)
    return Node(key=key, kind="str", text=shown, size=len(text), cut=len(shown) < len(text))


def _branch(key: str | None, kind: str, items: Iterable[tuple[str | None, object]], size: int, budget: _Budget, depth: int) -> Node:
    # a level is paid for before what hangs below it, so that one long list does not hide its neighbours
    shown = list(islice(items, budget.take(size) if depth < MOST_DEPTH else 0))
    made = [(str(at) if name is None else name, _node(name, item, budget, depth + 1)) for at, (name, item) in enumerate(shown)]
    children = tuple(replace(child, key=name) for name, child in made)
    return Node(key=key, kind=kind, size=size, children=children, open=depth < 2 and size <= 30, cut=len(children) < size)


def _typed(key: str | None, value: Mapping[str, Any], budget: _Budget, depth: int) -> Node:
    """A value of a type that JSON does not have: its parts where it has some, else the text people know it by."""
    tag, inner = str(value[TAG]), value["v"]
    if tag in ("tuple", "set", "frozenset"):
        return replace(_branch(key, "list", ((None, item) for item in inner), len(inner), budget, depth), type=tag)
    if tag in ("dataclass", "dict"):
        pairs = inner.items() if tag == "dataclass" else inner
        made = _branch(key, "map", ((str(name), item) for name, item in pairs), len(inner), budget, depth)
        return replace(made, type=tail(value["c"]) if tag == "dataclass" else "")
    text = WORDS[tag](value)
    if not budget.seen.full:
        return Node(key=key, kind="hidden", text="‹value›", type=TYPES.get(tag, tag))
    if tag in ("cut", "repr"):
        text = mask_written(text, budget.seen.secret)  # data that was not kept as data: its keys stand in the text
    shown = budget.cut(budget.seen.text(text))
    return Node(key=key, kind="typed", text=shown, type=TYPES.get(tag, tag), size=len(text), cut=len(shown) < len(text))


TYPES = {"decimal": "Decimal", "uuid": "UUID", "flag": "enum", "repr": "shown by repr()", "cut": "the beginning of what was returned"}
WORDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "datetime": lambda value: " ".join(filter(None, (str(value["v"]).replace("T", " ", 1), value.get("zone")))),
    "timedelta": lambda value: f"{value['v'][0] * 86_400 + value['v'][1] + value['v'][2] / 1e6:g} s",
    "bytes": lambda value: f"{len(value['v']) * 3 // 4 - value['v'][-2:].count('=')} bytes",
    "enum": lambda value: f"{tail(value['c'])}.{value['v']}",
    "flag": lambda value: f"{tail(value['c'])}({value['v']})",
    "model": lambda value: f"{tail(value['c'])} {', '.join(str(part['v'] if is_tagged(part) else part) for part in value['v'])}",
    "cut": lambda value: f"{value['v']}… ({int(value['size']):,} characters)",
    **{tag: lambda value: str(value["v"]) for tag in ("date", "time", "decimal", "uuid", "repr")},
}


def _digits(value: int | float) -> str:
    if isinstance(value, int) and value.bit_length() > 4_000:
        return f"a number of {value.bit_length()} bits"
    return str(value)
