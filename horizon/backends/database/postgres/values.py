"""How values travel: as text without a type, so that the server takes each for what its column is.

A driver that chose a type by the size of a number would have one statement prepared in many forms.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
        return (obj if "\x00" not in obj else obj.replace("\x00", NUL)).encode()  # type: ignore[no-any-return]


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
    values: list[bytes | None] = []
    types = []
    for value in params:
        kind = 0
        if value is None:
            values.append(None)
        elif isinstance(value, int):
            values.append(b"%d" % value)
        elif isinstance(value, str):
            values.append((value if "\x00" not in value else value.replace("\x00", NUL)).encode())
        elif isinstance(value, bytes):
            values.append(value)
            kind = BYTEA
        elif isinstance(value, (list, tuple)):
            values.append(array(value).encode())
        else:
            raise TypeError(f"expected a number, text or bytes, got {type(value).__name__}")
        types.append(kind)
    return values, tuple(types)


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
