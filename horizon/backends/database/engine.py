"""The store over SQLAlchemy: what executors, web processes and the command line use.

The engine opens the connections; statements then go straight to the driver. Through `exec_driver_sql` each would cost
10 to 60 microseconds more for a result object nobody looks at: measured, 84 instead of 64 per job drained in groups of
50, and 250 instead of 125 for a single push.
"""

from __future__ import annotations

import sqlite3
from functools import partial
from typing import Any, cast

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from horizon.backends.database import sqlite
from horizon.backends.database.access import StoreAccess
from horizon.backends.database.driver import DriverDb


def engine_for(place: sqlite.Place) -> Engine:
    """An engine whose connections are set up as this store needs them; it pools none: `StoreAccess` keeps them."""
    return create_engine("sqlite://", creator=partial(sqlite.open_file, place), poolclass=NullPool, isolation_level="AUTOCOMMIT")


class CoreDb(DriverDb):
    """A SQLAlchemy connection and the driver's behind it."""

    def __init__(self, engine: Engine, place: sqlite.Place) -> None:
        self.connection: Connection = engine.connect()
        driver: Any = self.connection.connection.driver_connection
        super().__init__(cast(sqlite3.Connection, driver), place.location)

    def close(self) -> None:
        """Let the connection go; never raises."""
        try:
            self.connection.close()
        except SQLAlchemyError:
            self.connection.invalidate()


def access(place: sqlite.Place) -> StoreAccess[CoreDb]:
    """The way in over SQLAlchemy."""
    return StoreAccess(partial(CoreDb, engine_for(place), place), patience=place.busy_timeout, location=place.location)
