"""Stores on real servers: one that all tests share, and one of a test's own where it is restarted or set differently."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from horizon.backends.redis.backend import RedisBackend
from horizon.backends.values import StoreOptions
from horizon.core.clock import ManualClock
from tests.conformance.driver import LEASE, Driver
from tests.servers.proxy import Proxy

Opener = Callable[..., RedisBackend]


@pytest.fixture
def clock() -> ManualClock:
    """The store's time; it stands until moved."""
    return ManualClock()


@pytest.fixture
def open_at(clock: ManualClock) -> Iterator[Opener]:
    """Opens the store at an address; `ready` is left to the test."""
    opened: list[RedisBackend] = []

    def open_one(address: str, **options: object) -> RedisBackend:
        opened.append(RedisBackend(address, StoreOptions(clock=clock, lease=LEASE, **options)))  # type: ignore[arg-type]
        return opened[-1]

    yield open_one
    for backend in opened:
        backend.close()


@pytest.fixture
def store(redis_server: str, open_at: Opener) -> RedisBackend:
    """An empty store."""
    return open_at(redis_server)


@pytest.fixture
def drive(store: RedisBackend, clock: ManualClock) -> Driver:
    """The same with a worker session `w`."""
    return Driver(store, clock)


@pytest.fixture
def proxy(redis_server: str) -> Iterator[Proxy]:
    """Between a store and the shared server."""
    made = Proxy(int(redis_server.rpartition(":")[2].partition("/")[0]))
    yield made
    made.close()


@pytest.fixture
def through(redis_server: str, proxy: Proxy, open_at: Opener) -> RedisBackend:
    """A store whose connections go through the proxy."""
    return open_at(f"redis://127.0.0.1:{proxy.port}/{redis_server.rpartition('/')[2]}?timeout=0.3")
