"""Statements behind those that change `horizon_live`, so that `horizon_apart` says the same; see apart.py."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.backends.database.db import Params
from horizon.backends.database.mysql.apart import MARKED_BY, rest_of
from horizon.backends.database.mysql.text import inserted, shared, translated
from horizon.backends.database.mysql.writing import pieces, with_list

MARKS = frozenset(name.encode() for name in MARKED_BY)


def behind(sql: str, ns: Sequence[object]) -> list[bytes]:
    """What follows a text that wrote the jobs of these numbers."""
    return [with_list(translated(text), piece, (), ()) for piece in pieces(ns) for text in rest_of(sql)] if rest_of(sql) else []


def behind_rows(sql: str, rows: Sequence[tuple[object, ...]], tail: Params = ()) -> list[bytes]:
    """The same for a text that was run for each of these rows, which end in `tail`: an `INSERT` that begins with the number, or an
    `UPDATE` that ends in it. Of new jobs only those count that have anything of the kind."""
    if not rest_of(sql):
        return []
    into = inserted(sql) or shared(sql)
    if into is None:
        return behind(sql, [row[-1] for row in rows])
    at = [index for index, column in enumerate(into.columns) if column in MARKS]
    return behind(sql, [row[0] for row in rows if any((*row, *tail)[index] is not None for index in at)])
