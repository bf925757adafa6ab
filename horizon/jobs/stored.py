"""Arguments and results as they are stored: JSON with tagged types, read without loading any class."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from horizon.jobs.tagged import TAG

Json = Any
MOST_DEPTH = 200
"""Levels of nesting that are walked through by recursion."""


def arguments(payload: bytes | None) -> dict[str, Json] | None:
    """The tagged arguments by name; None where the payload is not of our form."""
    document = _document(payload)
    found = document.get("args") if isinstance(document, dict) else None
    return found if isinstance(found, dict) else None


def result(data: bytes | None) -> Json:
    """The tagged result; the bare text of data that cannot be read."""
    document = _document(data)
    if isinstance(document, dict) and document.keys() == {"result"}:
        return document["result"]
    return (data or b"").decode("utf-8", "replace") if document is None else document


def payload(tagged: dict[str, Json]) -> bytes:
    """The payload of arguments that are tagged already. Raises ValueError for what JSON in UTF-8 cannot hold."""
    return json.dumps({"args": tagged}, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def same(one: Json, other: Json) -> bool:
    """Whether both are the same data; to JSON 1, 1.0 and true are three things."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def is_tagged(value: Json) -> bool:
    """True for a value of a type that JSON does not have."""
    return isinstance(value, dict) and TAG in value


def has_tags(value: Json) -> bool:
    """Whether there is such a value anywhere in this."""
    return any(is_tagged(item) for _, item in _walk(value))


def too_deep(value: Json) -> bool:
    """Whether this is nested beyond what can be looked at piece by piece without running out of stack."""
    return any(depth > MOST_DEPTH for depth, _ in _walk(value))


def _walk(value: Json) -> Iterator[tuple[int, Json]]:
    """Everything in this with its depth, in no order that matters; by a list of what is left, not by recursion."""
    left = [(0, value)]
    while left:
        depth, item = left.pop()
        yield depth, item
        inner = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
        left += [(depth + 1, one) for one in inner if isinstance(one, (dict, list))]


def tail(name: str) -> str:
    """The class's own name: `Order` of `shop.models:Cart.Order`."""
    return name.rpartition(":")[2].rpartition(".")[2]


def _document(data: bytes | None) -> Json:
    try:
        return json.loads(data or b"")
    except (ValueError, RecursionError):
        return None
