"""Some rows of a list opened where they stand: what the job was given, why it failed, what it said last."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import request

from horizon.backends.base import Backend
from horizon.core.ids import is_id
from horizon.core.outcome import Failure, LogLine
from horizon.core.record import Record
from horizon.jobs import stored
from horizon.security.payloads import Sight
from horizon.web import sight
from horizon.web.draw.tree import Node, tree

MOST = 3
"""Rows open at a time: another one closes the first, and the page stays light."""
LINES = 8
TEXT = 600
"""Characters of one text among the arguments; the job's own page shows more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Peek:
    """What an opened row shows."""

    arguments: Node
    error: Failure | None
    lines: tuple[LogLine, ...]
    """The latest."""
    more: int
    """Lines before them."""


def asked() -> list[str]:
    """Ids of the rows that the address opens, oldest first, but for the one that it shuts."""
    named = ",".join(request.args.getlist("open"))[:400].split(",")
    return list(dict.fromkeys(id for id in named if is_id(id) and id != request.args.get("shut")))[-MOST:]


def opened(store: Backend) -> dict[str, Peek]:
    """What the opened rows show; jobs that are gone are left out."""
    found = ((id, store.get(id)) for id in asked())
    return {id: _peek(record, sight.of(record.name)) for id, record in found if record is not None}


def _peek(record: Record, seen: Sight) -> Peek:
    record = seen.record(record)
    last = record.history[-1] if record.history else None
    lines = last.logs if last else ()
    arguments = stored.arguments(record.payload)
    shown = stored.result(record.payload) if arguments is None and record.payload else arguments or {}
    return Peek(
        arguments=_shortened(tree(shown, seen=seen)),
        error=record.error or (last.error if last else None),
        lines=tuple(line._replace(message=seen.text(line.message)) for line in lines[-LINES:]),
        more=max(0, len(lines) - LINES),
    )


def _shortened(node: Node) -> Node:
    """The same tree with its folds closed and its texts cut."""
    text = node.text[:TEXT]
    children = tuple(_shortened(child) for child in node.children)
    cut = node.cut or len(text) < len(node.text)
    return replace(node, text=text, children=children, open=False, cut=cut, size=node.size or len(node.text))
