"""The store over SQLAlchemy's Core: what executors, web processes and the command line use.

Statements are handed to the driver as they stand (`exec_driver_sql`), so each costs the driver's time plus a few
microseconds; the engine knows how to open connections and which driver is behind them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import partial
from typing import Any, cast

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from horizon.backends.database import sqlite
from horizon.backends.database.access import StoreAccess
from horizon.backends.database.db import Params, Row

FAULTS = (DBAPIError, *sqlite.FAULTS)


def engine_for(place: sqlite.Place) -> Engine:
    """An engine whose connections are set up as this store needs them; it pools none: `StoreAccess` keeps them."""
    return create_engine("sqlite://", creator=partial(sqlite.open_file, place), poolclass=NullPool, isolation_level="AUTOCOMMIT")


class CoreDb:
    """A SQLAlchemy connection; see `db.Db` for what its methods promise."""

    def __init__(self, engine: Engine, place: sqlite.Place) -> None:
        self._place = place
        self.connection: Connection = engine.connect()

    def _fault(self, error: BaseException) -> Exception:
        return sqlite.translate(error.orig or error if isinstance(error, DBAPIError) else error, self._place.location)

    def all(self, sql: str, params: Params = ()) -> list[Row]:
        try:
            return list(self.connection.exec_driver_sql(sql, params).fetchall())
        except FAULTS as error:
            raise self._fault(error) from error

    def one(self, sql: str, params: Params = ()) -> Row | None:
        rows = self.all(sql, params)
        return rows[0] if rows else None

    def run(self, sql: str, params: Params = ()) -> int:
        try:
            return self.connection.exec_driver_sql(sql, params).rowcount
        except FAULTS as error:
            raise self._fault(error) from error

    def many(self, sql: str, rows: Sequence[tuple[object, ...]]) -> int:
        if not rows:
            return 0
        try:
            return self.connection.exec_driver_sql(sql, rows).rowcount
        except FAULTS as error:
            raise self._fault(error) from error

    def begin(self, *, write: bool) -> None:
        self.run(sqlite.BEGIN_WRITE if write else sqlite.BEGIN_READ)

    def commit(self) -> None:
        self.run("COMMIT")

    def rollback(self) -> None:
        try:
            if self._driver().in_transaction:
                self._driver().execute("ROLLBACK")
        except sqlite3.Error:
            self.close()

    def _driver(self) -> sqlite3.Connection:
        made: Any = self.connection.connection.driver_connection
        return cast(sqlite3.Connection, made)

    def close(self) -> None:
        try:
            self.connection.close()
        except DBAPIError:
            self.connection.invalidate()


def access(place: sqlite.Place) -> StoreAccess[CoreDb]:
    """The way in over SQLAlchemy."""
    return StoreAccess(partial(CoreDb, engine_for(place), place), patience=place.busy_timeout, location=place.location)
