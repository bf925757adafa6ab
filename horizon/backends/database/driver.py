"""Statements handed straight to SQLite's driver."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from horizon.backends.database import sqlite
from horizon.backends.database.access import StoreAccess
from horizon.backends.database.db import Params, Row, StepByStep, spread, spread_rows

NEWEST = "SELECT coalesce(max(n), 0) FROM horizon_job"
LATEST_DELTA = "SELECT coalesce(max(seq), 0) FROM horizon_delta"
"""`fold` leaves the newest one, so this number only grows."""
LATEST_INBOX = "SELECT coalesce(max(seq), 0) FROM horizon_inbox"


class DriverDb(StepByStep):
    """See `db.Db` for what its methods promise. One process writes at a time here, so nobody needs to be waited for."""

    disorder = 0

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

    def fetch(self, sql: str, values: Sequence[object], head: Params = (), tail: Params = ()) -> list[Row]:
        rows: list[Row] = []
        for holes, piece in spread(values):
            rows += self.all(sql.replace("{in}", holes), (*head, *piece, *tail))
        return rows

    def change(self, sql: str, values: Sequence[object], head: Params = (), tail: Params = ()) -> int:
        count = 0
        for holes, piece in spread(values):
            count += self.run(sql.replace("{in}", holes), (*head, *piece, *tail))
        return count

    def pour(self, sql: str, rows: Sequence[tuple[object, ...]], tail: Params = ()) -> None:
        for holes, values in spread_rows(rows, (None,) * len(rows[0]) if rows else ()):
            self.run(sql.replace("{rows}", holes), (*values, *tail))

    def hold(self, sql: str, values: Sequence[object]) -> None:
        pass

    def numbers(self, count: int) -> Sequence[int]:
        (last,) = self.one(NEWEST) or (0,)
        return range(last + 1, last + 1 + count)

    def alone(self, duty: str) -> bool:
        return True

    def queue_up(self, duty: str) -> None:
        pass

    def folded(self, count: int) -> None:
        pass

    def version(self) -> int:
        ((delta,),), ((inbox,),) = self.all(LATEST_DELTA), self.all(LATEST_INBOX)
        return int(delta) << 24 | int(inbox) & 0xFFFFFF

    def attend(self, session: str, executor: int) -> None:
        pass

    def bury(self, session: str, executor: int | None) -> None:
        pass

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
