"""Statements as they are sent, from the texts of this wing and their values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import compress

from horizon.backends.database.db import CHUNK, Params, Refused
from horizon.backends.database.mysql.faults import VALUES
from horizon.backends.database.mysql.link import Facts
from horizon.backends.database.mysql.numbering import NUMBER
from horizon.backends.database.mysql.text import Insert, Text, inserted, shared, translated
from horizon.backends.database.mysql.values import batches, listed, literal

BATCH = 1 << 20
"""Bytes of rows in one statement; less where the server takes less."""
COPY = b"INSERT INTO %%b (n,size,%%b) SELECT n,length(payload),%%b FROM horizon_job WHERE n BETWEEN %b AND %b" % (NUMBER, NUMBER)
HEAD_ROOM = 4096
"""Bytes left for what stands around the rows of a statement."""


class Writer:
    """Writes for one kind of server. Every method may raise TypeError, UnicodeError for values that no column holds."""

    def __init__(self, facts: Facts) -> None:
        self.most = facts.packet - HEAD_ROOM
        self.batch = min(BATCH, self.most // 2)
        self._row = b"(" if facts.mariadb else b"ROW("

    def many(self, sql: str, rows: Sequence[tuple[object, ...]]) -> list[bytes]:
        """One text for each of these rows; an `INSERT` takes as many of them as may be."""
        into = inserted(sql)
        if into is not None:
            return self._inserts(into, rows, ())
        text = translated(sql)
        return [filled(text, row) for row in rows]

    def pour(self, sql: str, rows: Sequence[tuple[object, ...]], tail: Params) -> list[bytes]:
        """A text with `{rows}`."""
        into = shared(sql)
        if into is not None:
            return self._inserts(into, rows, tail)
        text, after = translated(sql), tuple(map(literal, tail))
        return [text.template % (batch, *after) for batch in self._batches(rows, b"", self._row)]

    def copied(self, sql: str, count: int, tail: Params) -> bytes:
        """The same for the rows of jobs that were just inserted, whose numbers and sizes are read there: they need not be sent again."""
        into = shared(sql)
        assert into is not None, sql
        some = [value is not None for value in tail]
        names, values = compress(into.columns[2:], some), compress(tail, some)
        return COPY % (into.table, b",".join(names), listed(values), 0, count - 1)

    def fitting(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """These, one after the other. Raises Refused where one is more than goes at once, or cannot be made of its values."""
        try:
            for piece in pieces:
                if len(piece) > self.batch:
                    raise Refused(f"{len(piece)} bytes are more than go at once")
                yield piece
        except VALUES as error:
            raise Refused(str(error)) from error

    def _inserts(self, into: Insert, rows: Sequence[tuple[object, ...]], tail: Params) -> list[bytes]:
        """Of rows that all end in `tail`. Columns in which nothing stands are left out: the server reads every value of a text, and
        most columns of most rows are empty."""
        if len(rows) == 1:
            whole = (*rows[0], *tail)
            return [b"%b(%b)" % (into.head([value is not None for value in whole]), listed(value for value in whole if value is not None))]
        some = [values.count(None) < len(rows) for values in zip(*rows, strict=True)]
        same = [value is not None for value in tail]
        head, rest = into.head([*some, *same]), b"".join([b"," + literal(value) for value in tail if value is not None])
        own = rows if all(some) else [tuple(compress(row, some)) for row in rows]
        return [head + batch for batch in self._batches(own, rest, b"(")]

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
