"""Making the tables, where each statement commits by itself."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from horizon.backends.database import migrate
from horizon.backends.database.backend import DatabaseBackend
from horizon.backends.database.mysql import ddl
from horizon.backends.database.tables import metadata
from horizon.backends.values import StoreOptions
from horizon.core.errors import ConfigurationError, SchemaMismatch
from tests.conformance.driver import envelope
from tests.servers.mariadb import MariaDB

ONLY_HERE = {"horizon_number", "horizon_apart"}
"""Tables that other databases do without."""
MOVED = {f"horizon_live_{name}": f"horizon_apart_{name}" for name in ("due", "queue_due", "lot", "fair", "cause", "unique")}
"""Indexes over some of the rows of `horizon_live`, and what there is instead."""


@pytest.fixture
def empty(server: MariaDB) -> Iterator[str]:
    """A database with nothing in it, of a kind that its owner never thought of jobs in."""
    url = server.fresh()
    server.ask(f"ALTER DATABASE {named(url)} CHARACTER SET latin1")
    yield url
    server.drop(url)


def named(url: str) -> str:
    return url.rpartition("/")[2]


def tables(server: MariaDB, url: str) -> dict[str, tuple[str, str]]:
    rows = server.ask(f"SELECT table_name, engine, table_collation FROM information_schema.tables WHERE table_schema = '{named(url)}'")
    return {name: (engine, collation) for name, engine, collation in rows if name != "horizon_alembic_version"}


def test_every_table_has_transactions_and_compares_names_byte_by_byte(server: MariaDB, empty: str) -> None:
    migrate.upgrade(empty)
    made = tables(server, empty)
    assert set(made) == {*metadata.tables, *ONLY_HERE}
    assert {kind for name, kind in made.items() if name != "horizon_number"} == {("InnoDB", "utf8mb4_nopad_bin")}
    assert migrate.check(empty).fits


def test_an_upgrade_that_stopped_half_way_goes_on_where_it_was(server: MariaDB, empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    create = ddl._create

    def power_cut(index, table):
        made.append(index.name)
        if len(made) == 9:
            raise KeyboardInterrupt
        return create(index, table)

    monkeypatch.setattr(ddl, "_create", power_cut)
    with pytest.raises(KeyboardInterrupt):
        migrate.upgrade(empty)
    assert 1 < len(tables(server, empty)) < len(metadata.tables)
    assert migrate.check(empty).current is None
    monkeypatch.undo()
    migrate.upgrade(empty)
    assert migrate.check(empty).fits
    indexes = server.ask(f"SELECT DISTINCT index_name FROM information_schema.statistics WHERE table_schema = '{named(empty)}'")
    wanted = {index.name for table in metadata.tables.values() for index in table.indexes if index.name not in MOVED}
    assert wanted | set(MOVED.values()) <= {name for (name,) in indexes}
    assert not MOVED.keys() & {name for (name,) in indexes}


def test_two_that_upgrade_at_once_take_turns(empty: str) -> None:
    failures: list[BaseException] = []

    def upgrade() -> None:
        try:
            migrate.upgrade(empty)
        except BaseException as error:
            failures.append(error)

    both = [threading.Thread(target=upgrade, daemon=True) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(120)
    assert failures == []
    assert migrate.check(empty).fits


def test_a_store_without_tables_says_what_to_run(empty: str) -> None:
    store = DatabaseBackend(empty, StoreOptions())
    with pytest.raises(SchemaMismatch, match="horizon db upgrade"):
        store.ready()
    with pytest.raises(SchemaMismatch, match="horizon db upgrade"):
        store.push([envelope()])
    store.close()


def test_a_table_without_transactions_is_refused_with_what_to_do(server: MariaDB, empty: str) -> None:
    server.ask("CREATE TABLE horizon_live (n BIGINT PRIMARY KEY) ENGINE=MyISAM", named(empty))
    store = DatabaseBackend(empty, StoreOptions())
    with pytest.raises(ConfigurationError, match="ALTER TABLE horizon_live ENGINE=InnoDB"):
        store.push([envelope()])
    store.close()
