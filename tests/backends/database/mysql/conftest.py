"""Stores in one database of a real MariaDB, emptied before each test; several ways into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from horizon.backends.database.backend import DatabaseBackend
from horizon.backends.values import StoreOptions
from horizon.core.clock import ManualClock
from tests.conformance.driver import LEASE, Driver
from tests.servers.mariadb import MariaDB
from tests.servers.running import running
from tests.servers.server import Missing

Opener = Callable[..., DatabaseBackend]


@pytest.fixture
def server() -> MariaDB:
    """The server itself."""
    try:
        return running(MariaDB)
    except Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def url(server: MariaDB) -> str:
    """A database with all tables and nothing in them."""
    from tests.conformance import mariadb  # only where its driver is

    mariadb.empty()
    return mariadb.address()


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
