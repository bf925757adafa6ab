"""The way in for migrations: a SQLAlchemy connection, one process at a time."""

from __future__ import annotations

from functools import partial
from typing import Any
from zlib import crc32

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import NullPool

from horizon.backends.database.db import Busy
from horizon.backends.database.mysql.ddl import adapt
from horizon.backends.database.mysql.driver import BEGIN, MySqlDb
from horizon.backends.database.mysql.link import Facts, open_connection
from horizon.backends.database.mysql.place import Place
from horizon.backends.database.pool import PoolAccess

URLS = {"pymysql": "mysql+pymysql://", "mysqldb": "mysql+mysqldb://"}
SET_UP = "SET SESSION default_storage_engine = InnoDB, lock_wait_timeout = 60"
TAKE = "SELECT get_lock(?, ?)"
GIVE = "SELECT release_lock(?)"
ADAPT = "horizon_adapt"
"""Under this name `migrations/env.py` finds how tables are made over this connection."""


class MigratingMySqlDb(MySqlDb):
    """See `dialects.MigratingDb`. Statements that change tables commit by themselves, so nothing here can be undone."""

    def __init__(self, engine: Engine, place: Place, facts: list[Facts]) -> None:
        self.connection: Connection = engine.connect()
        self.connection.info[ADAPT] = adapt
        super().__init__(self.connection.connection.driver_connection, place, facts[-1])
        self._lock = f"horizon {crc32(place.database.encode())}"
        self._patience = round(place.busy_timeout)
        self.run(SET_UP)

    def begin(self, *, write: bool) -> None:
        if write and self.all(TAKE, (self._lock, self._patience)) != [(1,)]:
            raise Busy("another process is changing the tables")
        self._send(lambda: BEGIN)

    def commit(self) -> None:
        super().commit()
        self.all(GIVE, (self._lock,))

    def rollback(self) -> None:
        super().rollback()
        self.close()

    def close(self) -> None:
        self.connection.invalidate()  # which ends the driver's connection too


def access(place: Place) -> PoolAccess[MigratingMySqlDb]:
    """A way in whose writes wait for those of another process that migrates."""
    facts: list[Facts] = []

    def opened() -> Any:
        connection, found = open_connection(place, patient=True)
        facts.append(found)
        return connection

    engine = create_engine(URLS[place.driver], creator=opened, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    return PoolAccess(partial(MigratingMySqlDb, engine, place, facts), patience=place.busy_timeout, location=place.location)
