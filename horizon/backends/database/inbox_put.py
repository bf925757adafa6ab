"""Inserting into the inbox with a host's SQLAlchemy connection."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError, ProgrammingError

from horizon.backends.database.migrate import upgrade_over
from horizon.core.errors import ConfigurationError


def insert_rows(connection: object, sql: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Insert inside whatever transaction the connection is in; where there are no tables yet, they are made in it too."""
    if not isinstance(connection, Connection):
        raise ConfigurationError(f"expected the SQLAlchemy Connection of the host's transaction, got {type(connection).__name__}")
    if not rows:
        return
    try:
        connection.exec_driver_sql(sql, list(rows))
    except (OperationalError, ProgrammingError) as error:
        if "no such table" not in str(error.orig):
            raise
        upgrade_over(connection)
        connection.exec_driver_sql(sql, list(rows))
