"""Statements behind those that change jobs, so that their second rows say the same; see second.py."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from horizon.backends.database.db import Params
from horizon.backends.database.mysql.apart import APART
from horizon.backends.database.mysql.belongs import BELONGS
from horizon.backends.database.mysql.text import inserted, shared, translated
from horizon.backends.database.mysql.writing import pieces, with_list

SECONDS = (APART, BELONGS)
MARKS = {second.of.encode(): frozenset(name.encode() for name in second.marks) for second in SECONDS}
"""By the table of the first rows."""


@cache
def rest_of(sql: str) -> tuple[str, ...]:
    """What has to follow a text; see `Second.rest_of`."""
    return tuple(text for second in SECONDS for text in second.rest_of(sql))


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
    at = [index for index, column in enumerate(into.columns) if column in MARKS[into.table]]
    return behind(sql, [row[0] for row in rows if any((*row, *tail)[index] is not None for index in at)])
