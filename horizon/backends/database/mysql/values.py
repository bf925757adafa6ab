"""How values travel: written into the text of a statement, as bytes.

The drivers for MySQL do the same, with more detours: this costs a third of theirs, is the same for both of them, and
refuses what no column holds instead of writing down what it looks like.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

SPECIAL = {b"\\": b"\\\\", b"'": b"\\'", b"\x00": b"\\0"}
"""Bytes that mean something between quotes, the backslash first. None of them is ever part of a longer UTF-8 character."""


class Expression(bytes):
    """Not a value, but how the server finds it."""


def _quoted(raw: bytes) -> bytes:
    if b"\\" in raw or b"'" in raw or b"\x00" in raw:
        for byte, escaped in SPECIAL.items():
            raw = raw.replace(byte, escaped)
    return b"'%b'" % raw


def _word(value: str) -> bytes:
    """Raises UnicodeEncodeError for half a character."""
    return _quoted(value.encode())


def _bytes(value: bytes) -> bytes:
    return b"_binary%b" % _quoted(value)


LITERALS: dict[type, Callable[[Any], bytes]] = {
    int: b"%d".__mod__,
    str: _word,
    bytes: _bytes,
    bool: b"%d".__mod__,
    Expression: bytes,
    type(None): lambda _: b"NULL",
}


def literal(value: object) -> bytes:
    """A value as it stands in a statement. Raises TypeError for what no column holds, UnicodeError."""
    made = LITERALS.get(type(value))
    if made is not None:
        return made(value)
    for kind in (int, str, bytes):  # enumerations, and other children of theirs
        if isinstance(value, kind):
            return LITERALS[kind](value)
    raise TypeError(f"expected a number, text or bytes, got {type(value).__name__}")


def listed(values: Iterable[object]) -> bytes:
    """Values with commas between them."""
    return b",".join(map(literal, values))


def batches(pieces: Iterable[bytes], most: int, between: bytes = b",") -> Iterator[bytes]:
    """Pieces joined to batches of at most `most` bytes; a larger one goes alone."""
    batch: list[bytes] = []
    size = 0
    for piece in pieces:
        if batch and size + len(piece) >= most:
            yield between.join(batch)
            batch, size = [], 0
        batch.append(piece)
        size += len(piece) + 1
    if batch:
        yield between.join(batch)
