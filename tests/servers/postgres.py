"""PostgreSQL, 13 or newer: the newest that is installed."""

from __future__ import annotations

import glob
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.servers.server import Missing, Server, program

CARELESS = ("fsync=off", "full_page_writes=off")
"""For tests that do not pull the plug. `synchronous_commit` stays on: its order of things is part of what is tested."""
SETTINGS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=200",
    "shared_buffers=64MB",
    "wal_level=minimal",
    "max_wal_senders=0",
)


class Postgres(Server):
    """One server. `options`: further settings, each `name=value`."""

    kind = "postgres"
    install = "install PostgreSQL (Debian: postgresql) and its driver (psycopg[binary])"
    accounts = ("postgres",)
    gentle = signal.SIGINT
    """Its fast shutdown; TERM would wait for every client to leave."""
    quick = signal.SIGQUIT

    def look(self) -> None:
        try:
            import psycopg  # noqa: F401
        except ImportError:
            raise Missing(self.install) from None
        installed = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: float(path.split("/")[-2]), reverse=True)
        folders = [Path(folder) for folder in installed]
        initdb, postgres = program("initdb", folders), program("postgres", folders)
        if not initdb or not postgres:
            raise Missing(self.install)
        self._initdb, self._postgres = initdb, postgres

    def set_up(self) -> None:
        data = str(self.folder / "data")
        self.tool(self._initdb, "-D", data, "--username=horizon", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")

    def command(self) -> list[str]:
        settings = (*SETTINGS, *(() if self.durable else CARELESS), *self.options)
        given = [part for setting in settings for part in ("-c", setting)]
        return [self._postgres, "-D", str(self.folder / "data"), "-p", str(self.port), *given]

    def answers(self) -> bool:
        import psycopg

        try:
            self.ask("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def ask(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run one statement as the owner of everything, outside any transaction."""
        import psycopg
        from psycopg.sql import SQL

        with psycopg.connect(self.address(database), autocommit=True, connect_timeout=5) as connection:
            cursor = connection.execute(SQL(statement))
            return cursor.fetchall() if cursor.description else []

    def address(self, database: str) -> str:
        """Of one database."""
        return f"postgresql://horizon@127.0.0.1:{self.port}/{database}"

    def fresh(self, template: str | None = None) -> str:
        name = f"test_{next(self._numbers)}"
        self.ask(f"CREATE DATABASE {name} TEMPLATE {template or 'template0'}")
        return self.address(name)

    def template(self, name: str, prepare: Callable[[str], None]) -> str:
        """A database that `fresh` copies: made once, by `prepare(address)`, which must have hung up at its end."""
        if not self.ask(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
            self.ask(f"CREATE DATABASE {name} TEMPLATE template0")
            prepare(self.address(name))
        return name

    def drop(self, address: str) -> None:
        self.ask(f"DROP DATABASE IF EXISTS {address.rpartition('/')[2]} WITH (FORCE)")
