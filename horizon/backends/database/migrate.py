"""Whether the tables fit this code, and making them fit.

Looking costs one SELECT; SQLAlchemy and Alembic are loaded only where there is something to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from horizon.backends.database import sqlite
from horizon.backends.database.access import StoreAccess
from horizon.backends.database.db import Access, Db
from horizon.backends.database.driver import access
from horizon.core.errors import SchemaMismatch

if TYPE_CHECKING:
    from sqlalchemy import Connection

REVISIONS = ("0001", "0002")
"""Every migration, oldest first: what this code knows. A test compares it with the files."""
HEAD = REVISIONS[-1]
CURRENT = "SELECT version_num FROM horizon_alembic_version"


@dataclass(frozen=True, kw_only=True, slots=True)
class Schema:
    """How the tables of a store stand to this code."""

    current: str | None
    """The migration they are at, None where there are none."""
    head: str = HEAD

    @property
    def fits(self) -> bool:
        """Whether nothing has to be done."""
        return self.current == self.head

    @property
    def newer(self) -> bool:
        """Whether a newer version of Horizon made them."""
        return self.current is not None and self.current not in REVISIONS


def current(db: Db) -> str | None:
    """The migration the tables are at, None where there are none."""
    try:
        row = db.one(CURRENT)
    except SchemaMismatch:
        return None
    return None if row is None else str(row[0])


def check(url: str) -> Schema:
    """How the tables of the store at this address stand. Raises BackendUnavailable, ConfigurationError."""
    way_in = access(sqlite.locate(url, {}))
    try:
        return Schema(current=way_in.read(current))
    finally:
        way_in.close()


def refuse_newer(schema: Schema, location: str) -> None:
    """Never half-use tables that this code does not understand. Raises SchemaMismatch."""
    if schema.newer:
        raise SchemaMismatch(
            f"the tables of {location} are at version {schema.current}, made by a newer Horizon than this one, which knows "
            f"{schema.head}; install that newer version here too (`horizon db upgrade` cannot go back)"
        )


def upgrade(url: str) -> Schema:
    """Bring the tables of the store at this address up to date; `horizon db upgrade`. Returns how they stood before.

    Raises SchemaMismatch where they are newer than this code, BackendUnavailable.
    """
    return upgrade_place(sqlite.locate(url, {}))


def upgrade_place(place: sqlite.Place) -> Schema:
    """Upgrade one file; two processes at once take turns, and the second finds nothing left to do."""
    from horizon.backends.database.engine import CoreDb, engine_for
    from horizon.backends.database.migrations.run import run

    before: list[Schema] = []

    def whole(db: Db) -> None:
        schema = Schema(current=current(db))
        before.append(schema)
        refuse_newer(schema, place.location)
        if not schema.fits and isinstance(db, CoreDb):
            run(db.connection)

    way_in = StoreAccess(lambda: CoreDb(engine_for(place), place), patience=place.busy_timeout, location=place.location)
    try:
        way_in.write(whole)
    finally:
        way_in.close()
    return before[-1]


def upgrade_over(connection: Connection) -> None:
    """Make or upgrade the tables over a host's own connection, inside its transaction."""
    from horizon.backends.database.migrations.run import run

    raw = connection.connection.dbapi_connection
    if connection.dialect.name == "sqlite" and not getattr(raw, "in_transaction", True):
        connection.exec_driver_sql("BEGIN")  # Python's driver begins none for DDL, which a rollback would then leave half done
    run(connection)


def make_ready(way_in: Access, place: sqlite.Place) -> None:
    """Upgrade where the tables are missing or older. Raises SchemaMismatch where they are newer, BackendUnavailable."""
    schema = Schema(current=way_in.read(current))
    refuse_newer(schema, place.location)
    if not schema.fits:
        upgrade_place(place)
