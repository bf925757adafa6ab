"""Lists to take away, as CSV or JSON: written row by row while they are read, so that a million rows need no memory.

The first piece is read before the answer begins: a store that does not answer is still told as an error. What breaks
later breaks the connection off, so that half a file is never taken for a whole one. Rows are read after the request is
over for Flask: whatever they need of it must be looked up beforehand.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import TypeVar

from flask import Response

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula, some of them in the wide forms of East Asian keyboards too."""
PIECE = 200
"""Rows written together."""

Row = Mapping[str, object]
Item = TypeVar("Item")
Cursor = TypeVar("Cursor")


def stream_csv(name: str, columns: Sequence[str], rows: Iterable[Row]) -> Response:
    """A file `horizon-NAME.csv` with these keys of the rows, under a line that names them."""
    return _file(f"horizon-{name}.csv", "text/csv", _csv(columns, iter(rows)))


def stream_json(name: str, rows: Iterable[Row]) -> Response:
    """A file `horizon-NAME.json`: one array with an object for each row."""
    return _file(f"horizon-{name}.json", "application/json", _json(iter(rows)))


def paged(read: Callable[[Cursor | None], tuple[Sequence[Item], Cursor | None]]) -> Iterator[Item]:
    """Every item of a list that is read page by page: `read` takes a cursor and returns a page and the next cursor."""
    cursor: Cursor | None = None
    while True:
        items, cursor = read(cursor)
        yield from items
        if cursor is None:
            return


def cell(value: object) -> str:
    """A value as a cell: nothing for None, JSON for what has parts. Text that a spreadsheet would run gets a `'` in front."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        plain = isinstance(value, (list, tuple)) and all(isinstance(part, str) for part in value)
        value = ", ".join(value) if plain else json.dumps(value, ensure_ascii=False, default=str)  # type: ignore[arg-type]
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    return str(value)


def _csv(columns: Sequence[str], rows: Iterator[Row]) -> Iterator[str]:
    yield _lines([columns])
    while piece := list(islice(rows, PIECE)):
        yield _lines([[cell(row.get(column)) for column in columns] for row in piece])


def _lines(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _json(rows: Iterator[Row]) -> Iterator[str]:
    before = "[\n"
    while piece := list(islice(rows, PIECE)):
        yield before + ",\n".join(json.dumps(row, ensure_ascii=False, default=str) for row in piece)
        before = ",\n"
    yield "\n]\n" if before == ",\n" else "[]\n"


def _file(filename: str, kind: str, pieces: Iterator[str]) -> Response:
    first = list(islice(pieces, 2))
    # halves of characters are in no encoding: they are spelt out rather than breaking the file off
    body = (piece.encode(errors="backslashreplace") for piece in chain(first, pieces))
    response = Response(body, content_type=f"{kind}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response
