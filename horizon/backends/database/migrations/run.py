"""Runs the migrations over an open connection. Alembic is imported here and nowhere else, only when there is work."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def run(connection: Connection) -> None:
    """Bring the tables up to date inside whatever transaction the connection is in; commits nothing."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    if not connection.in_transaction():
        connection.begin()  # else Alembic would begin, and commit, a transaction of its own
    command.upgrade(config, "head")
