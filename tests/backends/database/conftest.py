"""Stores in files of their own, driven with the words of the conformance suite."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from horizon.backends.database.backend import DatabaseBackend
from horizon.backends.values import StoreOptions
from horizon.core.clock import ManualClock
from tests.conformance.driver import LEASE, Driver

Opener = Callable[..., DatabaseBackend]


@pytest.fixture
def clock() -> ManualClock:
    """The store's time; it stands until moved."""
    return ManualClock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the store of a test lives."""
    return tmp_path / "horizon.sqlite3"


@pytest.fixture
def opened(file: Path, clock: ManualClock) -> Iterator[Opener]:
    """Opens one more way into the same file: another process, as far as the store can tell."""
    made: list[DatabaseBackend] = []

    def one_more(**options: Any) -> DatabaseBackend:
        extra = options.pop("extra", {})
        store = DatabaseBackend(
            f"sqlite:///{file}",
            StoreOptions(clock=clock, lease=LEASE, extra={"busy_timeout": 0.3, "synchronous": "NORMAL", **extra}, **options),
        )
        made.append(store)
        return store

    yield one_more
    for store in made:
        store.close()


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with tables and nothing in them, to be copied."""
    made = tmp_path_factory.mktemp("empty") / "horizon.sqlite3"
    store = DatabaseBackend(f"sqlite:///{made}", StoreOptions())
    store.ready()
    store.close()
    return made


@pytest.fixture
def drive(opened: Opener, clock: ManualClock, file: Path, empty: Path) -> Driver:
    """A fresh store and a worker session `w`."""
    shutil.copy(empty, file)
    store = opened()
    store.ready()
    return Driver(store, clock)
