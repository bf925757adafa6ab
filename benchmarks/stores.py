"""The stores that systems are measured on: what they promise to keep, and an empty database for each measurement.

Servers are started on free loopback ports in temporary folders, as the tests start theirs, with the durability of
production, and end with the run.
"""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.redis import Redis
from tests.servers.server import Server


class Store(Protocol):
    """Where jobs are kept."""

    name: str
    words: str
    """What it is, and what it does before it says that something is kept."""

    def fresh(self) -> str:
        """The address of an empty database."""

    def drop(self, address: str) -> None:
        """Let go of one."""

    def settle(self, address: str) -> None:
        """Have done what the server does in its own time after a large change, so that it is not measured with what follows."""


class Files:
    """SQLite: every database a file in a folder of its own."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        import sqlite3

        self.folder, self._numbers = folder, itertools.count(1)
        self.words = f"SQLite {sqlite3.sqlite_version}, WAL, synchronous=FULL where nothing else is said"

    def fresh(self) -> str:
        folder = self.folder / str(next(self._numbers))
        folder.mkdir()
        return f"sqlite:///{folder}/jobs.db"

    def drop(self, address: str) -> None:
        shutil.rmtree(Path(address.removeprefix("sqlite:///")).parent)

    def settle(self, address: str) -> None:
        """It does nothing in its own time."""


class Served:
    """A store with a server."""

    def __init__(self, name: str, server: Server, words: str) -> None:
        self.name, self.server, self.words = name, server, words

    def fresh(self) -> str:
        return self.server.fresh()

    def drop(self, address: str) -> None:
        self.server.drop(address)

    def settle(self, address: str) -> None:
        if isinstance(self.server, Postgres):
            self.server.ask("VACUUM ANALYZE", address.rpartition("/")[2])
            self.server.ask("CHECKPOINT")


@contextmanager
def opened(name: str) -> Iterator[Store]:
    """The store of this name, gone with everything in it when the block ends."""
    if name == "sqlite":
        with tempfile.TemporaryDirectory(prefix="horizon-bench-") as folder:
            yield Files(Path(folder))
        return
    server, words = SERVERS[name]()
    try:
        server.start()
        yield Served(name, server, words(server))
    finally:
        server.close()


def _redis() -> tuple[Server, Callable[[Server], str]]:
    def words(server: Server) -> str:
        import redis

        with redis.Redis(port=server.port) as client:
            return f"Redis {client.info('server')['redis_version']}, appendonly no, no snapshots: nothing is written to a disk"

    return Redis(), words


def _postgres() -> tuple[Server, Callable[[Server], str]]:
    server = Postgres("shared_buffers=1GB", "max_wal_size=4GB", "wal_level=replica", durable=True)

    def words(_server: Server) -> str:
        return f"PostgreSQL {server.ask('SHOW server_version')[0][0]}, fsync on, synchronous_commit on, shared_buffers 1 GB"

    return server, words


def _mysql() -> tuple[Server, Callable[[Server], str]]:
    server = MariaDB("--innodb-flush-log-at-trx-commit=1", "--innodb-buffer-pool-size=1G", "--innodb-log-file-size=256M", durable=True)

    def words(_server: Server) -> str:
        return f"MariaDB {server.ask('SELECT VERSION()')[0][0]}, innodb_flush_log_at_trx_commit=1, buffer pool 1 GB, no binary log"

    return server, words


SERVERS: dict[str, Callable[[], tuple[Server, Callable[[Server], str]]]] = {"redis": _redis, "postgres": _postgres, "mysql": _mysql}
