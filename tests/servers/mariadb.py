"""MariaDB 10.6 or newer."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from tests.servers.server import Missing, Server, program

CARELESS = ("--innodb-flush-log-at-trx-commit=0", "--skip-innodb-doublewrite", "--innodb-flush-method=fsync")
FIRST = """CREATE USER IF NOT EXISTS horizon@'127.0.0.1' IDENTIFIED BY 'horizon';
GRANT ALL ON *.* TO horizon@'127.0.0.1' WITH GRANT OPTION;
"""
"""Run at every start, one statement a line."""
SETTINGS = (
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    "--skip-log-bin",
    "--performance-schema=OFF",
    "--innodb-buffer-pool-size=64M",
    "--innodb-log-file-size=16M",
    "--max-connections=200",
)
DRIVER = os.environ.get("HORIZON_TEST_MYSQL_DRIVER", "pymysql")
"""With which driver the stores of tests are reached: `pymysql`, or `mysqldb` (mysqlclient)."""


class MariaDB(Server):
    """One server with the password user `horizon`. `options`: further arguments, each `--name=value`."""

    kind = "mariadb"
    install = "install MariaDB (Debian: mariadb-server) and its driver (PyMySQL)"
    accounts = ("mysql",)

    def look(self) -> None:
        try:
            import pymysql  # noqa: F401
        except ImportError:
            raise Missing(self.install) from None
        maker, server = program("mariadb-install-db"), program("mariadbd")
        if not maker or not server:
            raise Missing(self.install)
        self._maker, self._server = maker, server

    def set_up(self) -> None:
        self.tool(self._maker, "--no-defaults", *self._places(), "--auth-root-authentication-method=normal", "--skip-test-db")
        (self.folder / "first.sql").write_text(FIRST)
        (self.folder / "first.sql").chmod(0o644)

    def _places(self) -> list[str]:
        """What is for a while lies with the rest: a server that starts removes what others may have in a folder for all."""
        return [f"--datadir={self.folder / 'data'}", f"--tmpdir={self.folder}"]

    def command(self) -> list[str]:
        here = [
            *self._places(),
            f"--port={self.port}",
            f"--socket={self.folder / 's'}",
            f"--pid-file={self.folder / 'pid'}",
            f"--init-file={self.folder / 'first.sql'}",
        ]
        return [self._server, "--no-defaults", *here, *SETTINGS, *(() if self.durable else CARELESS), *self.options]

    def answers(self) -> bool:
        import pymysql

        try:
            self.ask("SELECT 1")
        except pymysql.err.OperationalError:
            return False
        return True

    def ask(self, statement: str, database: str = "") -> list[tuple[Any, ...]]:
        """Run one statement as a user who may do everything."""
        import pymysql

        connection = pymysql.connect(
            host="127.0.0.1",
            port=self.port,
            user="horizon",
            password="horizon",
            database=database or None,
            autocommit=True,
            connect_timeout=5,
        )
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    def address(self, database: str) -> str:
        """Of one database."""
        return f"mysql+{DRIVER}://horizon:horizon@127.0.0.1:{self.port}/{database}"

    def fresh(self, template: str | None = None) -> str:
        name = f"test_{next(self._numbers)}"
        self.ask(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
        if template is not None:
            self._copy(template, name)
        return self.address(name)

    def template(self, name: str, prepare: Callable[[str], None]) -> str:
        """A database that `fresh` copies (tables with their rows, views): made once, by `prepare(address)`."""
        if not self.ask(f"SELECT 1 FROM information_schema.schemata WHERE schema_name = '{name}'"):
            self.ask(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
            prepare(self.address(name))
        return name

    def _copy(self, template: str, name: str) -> None:
        for statement in _statements(self, template):
            self.ask(statement.replace(f"`{template}`.", f"`{name}`."), name)

    def drop(self, address: str) -> None:
        self.ask(f"DROP DATABASE IF EXISTS {address.rpartition('/')[2]}")


def _statements(server: MariaDB, template: str) -> list[str]:
    """What makes the template anew: every table, its rows, then the views."""
    kinds: dict[str, str] = dict(server.ask("SHOW FULL TABLES", template))
    tables = [name for name, kind in kinds.items() if kind == "BASE TABLE"]
    made = [server.ask(f"SHOW CREATE TABLE `{name}`", template)[0][1] for name in tables]
    filled = [
        f"INSERT INTO `{name}` SELECT * FROM {template}.`{name}`"
        for name in tables
        if server.ask(f"SELECT 1 FROM `{name}` LIMIT 1", template)
    ]
    views = [server.ask(f"SHOW CREATE VIEW `{name}`", template)[0][1] for name in kinds if name not in tables]
    return [*made, *filled, *views]
