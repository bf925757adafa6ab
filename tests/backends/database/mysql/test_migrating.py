"""Making the tables, where each statement commits by itself."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config

from horizon.backends.database import migrate, migrations
from horizon.backends.database.backend import DatabaseBackend
from horizon.backends.database.dialects import dialect_of
from horizon.backends.database.mysql import ddl
from horizon.backends.database.mysql.behind import SECONDS
from horizon.backends.database.tables import metadata
from horizon.backends.values import PushStatus, StoreOptions
from horizon.core.clock import SECOND, ManualClock
from horizon.core.errors import ConfigurationError, SchemaMismatch
from horizon.core.outcome import Kind
from tests.conformance.driver import LEASE, Driver, envelope, error
from tests.conformance.limiting import at_a_time
from tests.conformance.mariadb import asked_of
from tests.servers.mariadb import MariaDB

ONLY_HERE = {"horizon_number", *(second.table for second in SECONDS)}
"""Tables that other databases do without."""
MOVED = {
    **{f"horizon_live_{name}": f"horizon_apart_{name}" for name in ("due", "queue_due", "lot", "fair", "cause", "unique")},
    **{f"horizon_job_{name}": f"horizon_belongs_{name}" for name in ("owner", "group")},
}
"""Indexes over some of the rows of `horizon_live` and `horizon_job`, and what there is instead."""


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


def indexes(server: MariaDB, url: str) -> set[str]:
    rows = server.ask(f"SELECT DISTINCT index_name FROM information_schema.statistics WHERE table_schema = '{named(url)}'")
    return {name for (name,) in rows}


def go_back(url: str, revision: str) -> None:
    """Take the tables back to an older version, over a connection as an upgrade has it."""
    config, dialect = Config(), dialect_of(url)
    config.set_main_option("script_location", str(Path(migrations.__path__[0])))
    way_in = dialect.migrating(dialect.locate(url, {}))

    def whole(db: Any) -> None:
        config.attributes["connection"] = db.connection
        if not db.connection.in_transaction():
            db.connection.begin()
        command.downgrade(config, revision)

    try:
        way_in.write(whole)
    finally:
        way_in.close()


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
    made_in_all = indexes(server, empty)
    wanted = {index.name for table in metadata.tables.values() for index in table.indexes if index.name not in MOVED}
    assert wanted | set(MOVED.values()) <= made_in_all
    assert not MOVED.keys() & made_in_all


def rows(server: MariaDB, url: str, table: str) -> list[tuple[Any, ...]]:
    return sorted(server.ask(f"SELECT * FROM {table} ORDER BY 1", named(url)), key=str)


def differing(server: MariaDB, url: str) -> set[tuple[Any, ...]]:
    return set().union(
        *(set(server.ask(first, named(url))) ^ set(server.ask(second, named(url))) for first, second in map(asked_of, SECONDS))
    )


@pytest.fixture
def jobs(empty: str) -> Iterator[Driver]:
    """One job of each kind that has a second row, one that runs, one that is tried again later, one that failed, and a plain one."""
    migrate.upgrade(empty)
    clock = ManualClock()
    store = DatabaseBackend(empty, StoreOptions(lease=LEASE, clock=clock))
    drive = Driver(store, clock)
    drive.push()
    drive.settle(drive.reserve()[0], Kind.FAILED, error=error())
    drive.push()
    drive.settle(drive.reserve()[0], Kind.RETRY, delay=3600, error=error())
    drive.push(id="runs", unique_key="door")
    drive.reserve()
    drive.push(id="due", available_at=drive.clock.at + 60 * SECOND)
    drive.push(id="fair", fair="ana")
    drive.push(id="limited", limits=(at_a_time(1, "smtp"),))
    drive.push(id="plain", user="ana")
    drive.push(id="unique", unique_key="k")
    yield drive
    store.close()


def test_who_goes_back_behind_the_second_rows_and_comes_again_keeps_every_job(server: MariaDB, empty: str, jobs: Driver) -> None:
    tables_of_jobs = ("horizon_job", "horizon_live", "horizon_done", "horizon_attempt")
    before = [rows(server, empty, name) for name in tables_of_jobs]
    apart, belongs = rows(server, empty, "horizon_apart"), rows(server, empty, "horizon_belongs")
    assert len(apart) == 6, "the one that runs, the one that is tried again, and one of each kind that waits"
    go_back(empty, "0011")
    assert [rows(server, empty, name) for name in tables_of_jobs] == before
    assert not {"horizon_apart", "horizon_belongs"} & set(tables(server, empty))
    assert MOVED.keys() <= indexes(server, empty)
    assert migrate.check(empty).current == "0011"
    server.ask("UPDATE horizon_live SET fair = 'bea' WHERE fair = 'ana'", named(empty))  # by an older version, meanwhile
    migrate.upgrade(empty)
    assert len(rows(server, empty, "horizon_apart")) == len(apart)
    assert rows(server, empty, "horizon_belongs") == belongs
    assert differing(server, empty) == set()
    assert not MOVED.keys() & indexes(server, empty)
    assert migrate.check(empty).fits
    again = jobs.backend.push([envelope(unique_key="k"), envelope(unique_key="door")])
    assert [one.status for one in again] == [PushStatus.DUPLICATE] * 2
    jobs.clock.advance(61)
    taken = jobs.reserve(9)
    assert {one.id for one in taken} == {"due", "fair", "limited", "plain", "unique"}
    jobs.settle_all(taken)
    assert differing(server, empty) == set()


def test_a_way_back_that_stopped_half_way_goes_on_where_it_was(server: MariaDB, empty: str, jobs: Driver) -> None:
    go_back(empty, "0011")
    server.ask("UPDATE horizon_alembic_version SET version_num = '0013'", named(empty))  # as if it had not come to this
    server.ask("DROP INDEX horizon_live_fair ON horizon_live", named(empty))
    go_back(empty, "0011")
    assert MOVED.keys() <= indexes(server, empty)
    migrate.upgrade(empty)
    assert differing(server, empty) == set()


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
