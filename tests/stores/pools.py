"""Empty stores, by kind. Making one takes longer than most tests, so one that is given back is washed and lent again."""

from __future__ import annotations

import itertools
import tempfile
from abc import ABC, abstractmethod
from functools import cache
from pathlib import Path
from typing import Any

from horizon.backends.connect import connect
from horizon.backends.values import StoreOptions
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.redis import Redis
from tests.servers.running import running
from tests.servers.server import quick_folder

TEMPLATE = "horizon_empty"


class Files:
    """SQLite: copies of an empty database, in memory-backed storage where there is plenty."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def take(self) -> str:
        """Address of an empty one that nobody else has."""
        file = Path(_folder().name) / f"store-{next(self._numbers)}.db"
        file.write_bytes(empty_sqlite())
        return f"sqlite:///{file}"

    def give(self, address: str) -> None:
        """Nobody uses it any more."""
        for part in Path(_folder().name).glob(f"{Path(address).name}*"):
            part.unlink(missing_ok=True)


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """Goes when this process of pytest ends."""
    return tempfile.TemporaryDirectory(prefix="horizon-stores-", dir=quick_folder())


@cache
def empty_sqlite() -> bytes:
    """A database with all its tables and nothing in them."""
    with tempfile.TemporaryDirectory(prefix="horizon-empty-") as folder:
        file = Path(folder) / "empty.db"
        backend = connect(f"sqlite:///{file}", StoreOptions())
        backend.ready()
        backend.close()
        return file.read_bytes()


class Served(ABC):
    """Databases on the one server that this process of pytest has started."""

    def __init__(self) -> None:
        self._back: list[str] = []

    def take(self) -> str:
        """Address of an empty one that nobody else has. Raises Missing."""
        while self._back:
            address = self._back.pop()
            if self.wash(address):
                return address
        return self.make()

    def give(self, address: str) -> None:
        """Nobody uses it any more."""
        self._back.append(address)

    @abstractmethod
    def make(self) -> str:
        """A new one, with all its tables. Raises Missing."""

    @abstractmethod
    def wash(self, address: str) -> bool:
        """Empty one, whoever may have left a connection to it open; whether that could be done."""


class Databases(Served):
    """PostgreSQL and MariaDB, as each says itself how to wash."""

    server: type[Postgres] | type[MariaDB]

    def __init__(self) -> None:
        super().__init__()
        self._cleaners: dict[str, Any] = {}

    def make(self) -> str:
        from horizon.backends.database import migrate

        server = running(self.server)
        return server.fresh(server.template(TEMPLATE, migrate.upgrade))

    def wash(self, address: str) -> bool:
        try:
            if address not in self._cleaners:
                self._cleaners[address] = self.connect(address)
            cursor = self._cleaners[address].cursor()
            cursor.execute(self.statements())
            while cursor.nextset():  # MariaDB answers each statement by itself, and goes on washing until the last one is read
                pass
        except Exception:  # its tables were changed, or somebody ended the connection: another one will do
            self._cleaners.pop(address, None)
            running(self.server).drop(address)
            return False
        return True

    @abstractmethod
    def connect(self, address: str) -> Any:
        """A connection that washes, each statement for itself."""

    @abstractmethod
    def statements(self) -> Any:
        """What washes, in one message."""


def _deletions() -> str:
    """Deleting the few rows of a test takes a fraction of the time of TRUNCATE."""
    from horizon.backends.database.tables import metadata

    return ";".join(f"DELETE FROM {name}" for name in metadata.tables)


class PostgresDatabases(Databases):
    server = Postgres

    def connect(self, address: str) -> Any:
        import psycopg

        return psycopg.connect(address, autocommit=True)

    @cache  # noqa: B019 (there is one of these)
    def statements(self) -> bytes:
        others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        return f"SELECT pg_terminate_backend(pid) {others};{_deletions()}".encode()


class MariaDBDatabases(Databases):
    server = MariaDB

    def connect(self, address: str) -> Any:
        import pymysql
        from pymysql.constants import CLIENT

        where = {"host": "127.0.0.1", "port": running(MariaDB).port, "user": "horizon", "password": "horizon"}
        return pymysql.connect(**where, database=address.rpartition("/")[2], autocommit=True, client_flag=CLIENT.MULTI_STATEMENTS)

    @cache  # noqa: B019 (there is one of these)
    def statements(self) -> str:
        return f"{_deletions()};DELETE FROM horizon_number;DELETE FROM horizon_apart;DELETE FROM horizon_belongs"


class Numbers(Served):
    """Redis: its databases by number."""

    def make(self) -> str:
        return running(Redis).fresh()

    def wash(self, address: str) -> bool:
        running(Redis).drop(address)
        return True


POOLS: dict[str, Files | Served] = {
    "sqlite": Files(),
    "postgres": PostgresDatabases(),
    "mariadb": MariaDBDatabases(),
    "redis": Numbers(),
}
