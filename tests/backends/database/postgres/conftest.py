"""Stores in databases of their own on a real PostgreSQL, several ways into each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

from horizon.backends.database import migrate
from horizon.backends.database.backend import DatabaseBackend
from horizon.backends.values import StoreOptions
from horizon.core.clock import ManualClock
from tests.conformance.driver import LEASE, Driver
from tests.servers.postgres import Postgres
from tests.servers.running import running
from tests.servers.server import Missing

Opener = Callable[..., DatabaseBackend]
MADE = "horizon_made"


@cache
def template() -> str:
    """A database with all tables, to be copied."""
    return running(Postgres).template(MADE, migrate.upgrade)


@pytest.fixture
def server() -> Postgres:
    """The server itself."""
    try:
        return running(Postgres)
    except Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def url(server: Postgres) -> Iterator[str]:
    """A database with all tables and nothing in them."""
    address = server.fresh(template())
    yield address
    server.drop(address)


@pytest.fixture
def clock() -> ManualClock:
    """The store's time; it stands until moved."""
    return ManualClock()


@pytest.fixture
def opened(url: str) -> Iterator[Opener]:
    """Opens one more way into the same database: another process, as far as the server can tell."""
    made: list[DatabaseBackend] = []

    def one_more(**options: Any) -> DatabaseBackend:
        store = DatabaseBackend(url, StoreOptions(lease=LEASE, **options))
        made.append(store)
        return store

    yield one_more
    for store in made:
        store.close()


@pytest.fixture
def drive(opened: Opener, clock: ManualClock) -> Driver:
    """A fresh store and a worker session `w`."""
    return Driver(opened(clock=clock), clock)
