"""Statements handed straight to a DB-API connection."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from horizon.backends.database import sqlite
from horizon.backends.database.access import StoreAccess
from horizon.backends.database.db import Params, Row


class DriverDb:
    """See `db.Db` for what its methods promise.

    dialect: a driver that spells parameters `%s` translates `sql` here, once per text.
    """

    def __init__(self, connection: sqlite3.Connection, location: str) -> None:
        self.driver, self._location = connection, location
        self._execute, self._executemany = connection.execute, connection.executemany

    def all(self, sql: str, params: Params = ()) -> list[Row]:
        try:
            return self._execute(sql, params).fetchall()
        except sqlite.FAULTS as error:
            raise sqlite.translate(error, self._location) from error

    def one(self, sql: str, params: Params = ()) -> Row | None:
        rows = self.all(sql, params)
        return rows[0] if rows else None

    def run(self, sql: str, params: Params = ()) -> int:
        try:
            return self._execute(sql, params).rowcount
        except sqlite.FAULTS as error:
            raise sqlite.translate(error, self._location) from error

    def many(self, sql: str, rows: Sequence[tuple[object, ...]]) -> int:
        if not rows:
            return 0
        try:
            return self._executemany(sql, rows).rowcount
        except sqlite.FAULTS as error:
            raise sqlite.translate(error, self._location) from error

    def begin(self, *, write: bool) -> None:
        if isinstance(self.driver, sqlite.FileConnection):
            self.driver.check()
        self.run(sqlite.BEGIN_WRITE if write else sqlite.BEGIN_READ)

    def commit(self) -> None:
        self.run("COMMIT")

    def rollback(self) -> None:
        try:
            if self.driver.in_transaction:
                self.driver.execute("ROLLBACK")
        except sqlite3.Error:
            self.close()

    def close(self) -> None:
        self.driver.close()


def access(place: sqlite.Place) -> StoreAccess[DriverDb]:
    """The way in over the bare driver."""
    return StoreAccess(lambda: DriverDb(sqlite.open_file(place), place.location), patience=place.busy_timeout, location=place.location)
