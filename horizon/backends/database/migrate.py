"""Whether the tables fit this code, and making them fit.

Looking costs one SELECT; SQLAlchemy and Alembic are loaded only where there is something to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from horizon.backends.database.db import Access, Db, undone_on_failure
from horizon.backends.database.dialects import Dialect, MigratingDb, Place, dialect_of
from horizon.core.errors import SchemaMismatch

if TYPE_CHECKING:
    from sqlalchemy import Connection

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011", "0012", "0013")
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
        with undone_on_failure(db):
            row = db.one(CURRENT)
    except SchemaMismatch:
        return None
    return None if row is None else str(row[0])


def check(url: str) -> Schema:
    """How the tables of the store at this address stand. Raises BackendUnavailable, ConfigurationError."""
    dialect = dialect_of(url)
    place = dialect.locate(url, {})
    if dialect.lacks(place):
        return Schema(current=None)
    way_in = dialect.access(place)
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
    dialect = dialect_of(url)
    return upgrade_place(dialect, dialect.locate(url, {"anew": True}))


def upgrade_place(dialect: Dialect, place: Place) -> Schema:
    """Upgrade one database; two processes at once take turns, and the second finds nothing left to do."""
    from horizon.backends.database.migrations.run import run

    before: list[Schema] = []

    def whole(db: Db) -> None:
        schema = Schema(current=current(db))
        before.append(schema)
        refuse_newer(schema, place.location)
        if not schema.fits:
            run(cast(MigratingDb, db).connection)

    way_in = dialect.migrating(place)
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


def make_ready(dialect: Dialect, way_in: Access, place: Place) -> None:
    """Upgrade where the tables are missing or older, if this dialect does that by itself.

    Raises SchemaMismatch where they are newer (or older, and left alone), BackendUnavailable.
    """
    schema = Schema(current=way_in.read(current))
    refuse_newer(schema, place.location)
    if schema.fits:
        return
    if not dialect.makes_tables:
        stand = "there are no tables of Horizon" if schema.current is None else f"they are at version {schema.current}, not {HEAD}"
        raise SchemaMismatch(f"the tables of {place.location} do not fit this version of Horizon ({stand}); run `horizon db upgrade`")
    upgrade_place(dialect, place)
