"""Inserting many rows of which most columns agree.

Binding a value costs a driver about as much as storing it. Jobs dispatched together differ in their ids and arguments
and in hardly anything else, so what they share is bound once for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter

from horizon.backends.database.db import Db, insert

Row = tuple[object, ...]
WORTH = 4
"""Rows that agree from which sharing beats one statement run for each."""


class Bulk:
    """An INSERT into one table. `own` names the columns (two or more) in which rows nearly always differ."""

    def __init__(self, table: str, columns: str, *, own: str) -> None:
        names, differing = columns.split(), own.split()
        common = [name for name in names if name not in differing]
        self._own_of = itemgetter(*map(names.index, differing))
        self._common_of = itemgetter(*map(names.index, common))
        self._single = insert(table, columns)
        self._shared = _shared_insert(table, differing, common)

    def into(self, db: Db, rows: Sequence[Row]) -> None:
        """Insert these rows, each with a value for every column, in their order."""
        groups: dict[object, list[Row]] = {}
        for row in rows:
            groups.setdefault(self._common_of(row), []).append(row)
        for shared, group in groups.items():
            if len(group) >= WORTH:
                db.pour(self._shared, [self._own_of(row) for row in group], shared)  # type: ignore[arg-type]
        db.many(self._single, [row for group in groups.values() if len(group) < WORTH for row in group])


def _shared_insert(table: str, own: Sequence[str], common: Sequence[str]) -> str:
    """The first of the own columns is a key, so a row without it is filling."""
    columns = ", ".join((*own, *common))
    values = ", ".join([*own, *("?" * len(common))])
    return (
        f"INSERT INTO {table} ({columns}) WITH v({', '.join(own)}) AS (VALUES {{rows}}) SELECT {values} FROM v WHERE {own[0]} IS NOT NULL"
    )
