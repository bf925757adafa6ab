"""The way in for migrations: a SQLAlchemy connection, one process at a time."""

from __future__ import annotations

from functools import partial

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import NullPool

from horizon.backends.database.pool import PoolAccess
from horizon.backends.database.postgres.driver import PostgresDb
from horizon.backends.database.postgres.link import open_connection
from horizon.backends.database.postgres.place import Place

DUTY = "migrations"


class MigratingPostgresDb(PostgresDb):
    """See `dialects.MigratingDb`."""

    def __init__(self, engine: Engine, place: Place) -> None:
        self.connection: Connection = engine.connect()
        super().__init__(self.connection.connection.driver_connection, place.location)  # type: ignore[arg-type]

    def begin(self, *, write: bool) -> None:
        super().begin(write=write)
        if write:
            self.queue_up(DUTY)

    def close(self) -> None:
        super().close()
        self.connection.invalidate()


def access(place: Place) -> PoolAccess[MigratingPostgresDb]:
    """A way in whose writes wait for those of another process that migrates."""
    engine = create_engine(
        "postgresql+psycopg://", creator=partial(open_connection, place, patient=True), poolclass=NullPool, isolation_level="AUTOCOMMIT"
    )
    return PoolAccess(partial(MigratingPostgresDb, engine, place), patience=place.busy_timeout, location=place.location)
