"""How values travel: as text without a type, so that the server takes each for what its column is.

A driver that chose a type by the size of a number would have one statement prepared in many forms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from psycopg import Connection
from psycopg.abc import Buffer
from psycopg.adapt import Dumper, Loader
from psycopg.types.string import BytesBinaryDumper

BYTEA = 17
"""The type of bytes. All else is sent without one."""
NUL = "\u2400"
"""Stands for the one character that PostgreSQL cannot keep in a text."""


class NumberDumper(Dumper):
    """Whole numbers, truth as 1 and 0."""

    oid = 0

    def dump(self, obj: Any) -> bytes:
        return b"%d" % obj


class WordDumper(Dumper):
    """Text."""

    oid = 0

    def dump(self, obj: Any) -> bytes:
        return _word(obj)


class SumLoader(Loader):
    """Sums of whole numbers, which are numerics here, are whole."""

    def load(self, data: Buffer) -> int:
        return int(bytes(data))


def adapt(connection: Connection[Any]) -> None:
    """Let a connection send and read values so."""
    adapters = connection.adapters
    for kind in (int, bool):
        adapters.register_dumper(kind, NumberDumper)
    adapters.register_dumper(str, WordDumper)
    adapters.register_dumper(bytes, BytesBinaryDumper)
    adapters.register_loader("numeric", SumLoader)


def written(params: Sequence[object]) -> tuple[list[bytes | None], tuple[int, ...]]:
    """Values as they are sent, and their types; 0 lets the server find out. Raises TypeError for what no column holds, UnicodeError."""
    values = [_WRITERS.get(type(value), _other)(value) for value in params]
    return values, tuple([BYTEA if isinstance(value, bytes) else 0 for value in params])


def _word(value: str) -> bytes:
    return (value if "\x00" not in value else value.replace("\x00", NUL)).encode()


def _itself(value: Any) -> Any:
    return value


_WRITERS: dict[type, Callable[[Any], bytes | None]] = {
    int: b"%d".__mod__,
    bool: b"%d".__mod__,
    str: _word,
    bytes: _itself,
    type(None): _itself,
}


def _other(value: object) -> bytes:
    """Arrays; enumerations, and other children of what columns hold."""
    for kind in (int, str, bytes):
        if isinstance(value, kind):
            return _WRITERS[kind](value)  # type: ignore[return-value]
    if isinstance(value, (list, tuple)):
        return array(value).encode()
    raise TypeError(f"expected a number, text or bytes, got {type(value).__name__}")


def array(values: Iterable[object]) -> str:
    """Values of one kind as the text of an array. Raises TypeError for what no column holds."""
    return "{" + ",".join(map(_element, values)) + "}"


def arrays(rows: Sequence[Sequence[object]]) -> list[str]:
    """Rows as one array per column."""
    return [array(column) for column in zip(*rows, strict=True)]


def _element(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, str):
        if "\x00" in value:
            value = value.replace("\x00", NUL)
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, bytes):
        return '"\\\\x' + value.hex() + '"'
    raise TypeError(f"expected a number, text or bytes, got {type(value).__name__}")
