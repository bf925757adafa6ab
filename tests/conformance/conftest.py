"""Every test of this folder runs on every backend; a test asks for `drive` and, where it must, for `backend` or `clock`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from horizon.backends.base import Backend
from horizon.backends.values import Retention
from horizon.core.clock import DAY, HOUR, ManualClock
from tests.conformance.driver import BACKENDS, Driver, check_left, is_there, open_store
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.redis import Redis, Valkey
from tests.servers.running import running
from tests.servers.server import Missing, Server

Opener = Callable[..., Driver]
SERVERS: dict[str, type[Server]] = {"postgres": Postgres, "mariadb": MariaDB, "redis": Redis, "valkey": Valkey}
THERE = [kind for kind in BACKENDS if is_there(kind)]


@pytest.fixture(params=THERE)
def kind(request: pytest.FixtureRequest) -> str:
    """Which backend this run is about."""
    if request.param in SERVERS:
        try:
            running(SERVERS[request.param])
        except Missing as missing:
            pytest.skip(str(missing))
    return str(request.param)


@pytest.fixture
def clock() -> ManualClock:
    """The store's time; it stands until moved."""
    return ManualClock()


@pytest.fixture
def open_driver(kind: str, tmp_path: Path, clock: ManualClock) -> Iterator[Opener]:
    """Opens a store with options of its own: `open_driver(max_crashes=1)`."""
    opened: list[Backend] = []

    def open_one(**options: Any) -> Driver:
        opened.append(open_store(kind, tmp_path, clock, **options))
        return Driver(opened[-1], clock)

    yield open_one
    for backend in opened:
        backend.close()
    if opened:
        check_left(kind)


@pytest.fixture
def drive(open_driver: Opener) -> Driver:
    """A fresh store with the usual options, and a worker session `w`."""
    return open_driver()


@pytest.fixture
def grouped(drive: Driver) -> Driver:
    """`drive`, in tests of groups."""
    return drive


@pytest.fixture
def backend(drive: Driver) -> Backend:
    """The store behind `drive`."""
    return drive.backend


@pytest.fixture
def retention() -> Retention:
    """Short times that a test can see pass, all different."""
    return Retention(completed=2 * HOUR, completed_jobs=5, failed=4 * HOUR, cancelled=3 * HOUR, audit=6 * HOUR, undo=HOUR, sessions=DAY)
