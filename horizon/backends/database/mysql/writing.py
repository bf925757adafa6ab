"""Statements as they are sent, from the texts of this wing and their values."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.backends.database.db import CHUNK, Params
from horizon.backends.database.mysql.link import Facts
from horizon.backends.database.mysql.text import Text, inserted, shared, translated
from horizon.backends.database.mysql.values import batches, listed, literal

BATCH = 1 << 20
"""Bytes of rows in one statement; less where the server takes less."""
HEAD_ROOM = 4096
"""Bytes left for what stands around the rows of a statement."""


class Writer:
    """Writes for one kind of server. Every method may raise TypeError, UnicodeError for values that no column holds."""

    def __init__(self, facts: Facts) -> None:
        self.most = facts.packet - HEAD_ROOM
        self.batch = min(BATCH, self.most // 2)
        self.step = facts.step
        self._row = b"(" if facts.mariadb else b"ROW("

    def many(self, sql: str, rows: Sequence[tuple[object, ...]]) -> list[bytes]:
        """One text for each of these rows; an `INSERT` takes as many of them as may be."""
        head = inserted(sql) if len(rows) > 1 else None
        if head is not None:
            return self._inserts(head, rows, b"")
        text = translated(sql)
        return [filled(text, row) for row in rows]

    def pour(self, sql: str, rows: Sequence[tuple[object, ...]], tail: Params) -> list[bytes]:
        """A text with `{rows}`."""
        head = shared(sql)
        if head is not None:
            return self._inserts(head, rows, b"," + listed(tail))
        text, after = translated(sql), tuple(map(literal, tail))
        return [text.template % (batch, *after) for batch in self._batches(rows, b"", self._row)]

    def _inserts(self, head: bytes, rows: Sequence[tuple[object, ...]], rest: bytes) -> list[bytes]:
        """Of rows that all end in `rest`."""
        return [head + batch for batch in self._batches(rows, rest, b"(")]

    def _batches(self, rows: Sequence[tuple[object, ...]], rest: bytes, opens: bytes) -> list[bytes]:
        closes = rest + b")"
        return list(batches([opens + listed(values) + closes for values in rows], self.batch))


def filled(text: Text, params: Params) -> bytes:
    """A text with its values."""
    if text.order is not None:
        params = [params[index] for index in text.order]
    return text.template % tuple(map(literal, params))


def with_list(text: Text, values: Sequence[object], head: Params, tail: Params) -> bytes:
    """A text with `{in}`."""
    return text.template % (*map(literal, head), listed(values), *map(literal, tail))


def pieces(values: Sequence[object]) -> Sequence[Sequence[object]]:
    """In the same order for everybody where there are several: who locks rows must not meet another who goes the other way."""
    if len(values) <= CHUNK:
        return (values,) if values else ()
    ordered = sorted(values)  # type: ignore[type-var]
    return [ordered[start : start + CHUNK] for start in range(0, len(ordered), CHUNK)]
