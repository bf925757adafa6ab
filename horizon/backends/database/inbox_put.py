"""Inserting into the inbox with a host's SQLAlchemy connection."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from horizon.backends.database.migrate import upgrade_over
from horizon.core.errors import ConfigurationError, SchemaMismatch

NO_TABLE = ("no such table", "42P01", "1146")
"""What SQLite says, and the codes of PostgreSQL and MySQL."""


def insert_rows(connection: object, sql: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Insert inside whatever transaction the connection is in; where SQLite has no tables yet, they are made in it too.

    Raises SchemaMismatch where another store has none.
    """
    if not isinstance(connection, Connection):
        raise ConfigurationError(f"expected the SQLAlchemy Connection of the host's transaction, got {type(connection).__name__}")
    if not rows:
        return
    try:
        _insert(connection, sql, rows)
    except (OperationalError, ProgrammingError) as error:
        if not _is_no_table(error.orig):
            raise
        if connection.dialect.name != "sqlite":
            raise SchemaMismatch("there are no tables of Horizon in this database; run `horizon db upgrade`") from error
        upgrade_over(connection)
        _insert(connection, sql, rows)


def _insert(connection: Connection, sql: str, rows: Sequence[tuple[object, ...]]) -> None:
    """With parameters by name: each driver spells them in its own way, and the host chose the driver."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(sql, list(rows))
        return
    names = [f"p{number}" for number in range(len(rows[0]))]
    pieces = sql.split("?")
    named = "".join(piece + (f":{names[number]}" if number < len(names) else "") for number, piece in enumerate(pieces))
    connection.execute(text(named), [dict(zip(names, row, strict=True)) for row in rows])


def _is_no_table(error: object) -> bool:
    code = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
    return any(sign in f"{code} {error}" for sign in NO_TABLE)
