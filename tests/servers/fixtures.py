"""Fixtures over real servers. One that is not installed: its tests are skipped with a sentence, and fail with CI=true."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.redis import Redis, Redis62, Valkey
from tests.servers.running import close_all, running
from tests.servers.server import Missing, Server

OwnServer = Callable[..., Any]


@pytest.fixture(scope="session", autouse=True)
def _servers_end_with_the_tests() -> Iterator[None]:
    yield
    close_all()


def _fresh(kind: type[Server]) -> Iterator[str]:
    try:
        server = running(kind)
    except Missing as missing:
        pytest.skip(str(missing))
    address = server.fresh()
    yield address
    server.drop(address)


@pytest.fixture
def postgres() -> Iterator[str]:
    """Address of an empty database of PostgreSQL."""
    yield from _fresh(Postgres)


@pytest.fixture
def mariadb() -> Iterator[str]:
    """Address of an empty database of MariaDB."""
    yield from _fresh(MariaDB)


@pytest.fixture
def redis_server() -> Iterator[str]:
    """Address of an empty database of Redis."""
    yield from _fresh(Redis)


@pytest.fixture
def redis_62() -> Iterator[str]:
    """Address of an empty database of the oldest Redis that is supported."""
    yield from _fresh(Redis62)


@pytest.fixture
def valkey() -> Iterator[str]:
    """Address of an empty database of Valkey."""
    yield from _fresh(Valkey)


@pytest.fixture
def own_server() -> Iterator[OwnServer]:
    """Starts a server for this test alone: `own_server(Redis, "--maxmemory", "10mb", durable=True)`."""
    started: list[Server] = []

    def start(kind: type[Server], *options: str, durable: bool = False) -> Server:
        try:
            server = kind(*options, durable=durable)
        except Missing as missing:
            pytest.skip(str(missing))
        started.append(server)
        server.start()
        return server

    yield start
    for server in started:
        server.close()
