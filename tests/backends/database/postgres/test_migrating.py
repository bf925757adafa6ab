"""Making the tables, and what stands around them."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from horizon.backends.database import migrate
from horizon.backends.database.backend import DatabaseBackend
from horizon.backends.database.postgres.text import kind_of
from horizon.backends.database.tables import PREFIX, VERSION_TABLE, metadata
from horizon.backends.values import StoreOptions
from horizon.core.errors import SchemaMismatch
from tests.conformance.driver import envelope
from tests.servers.postgres import Postgres


@pytest.fixture
def empty(server: Postgres) -> Iterator[str]:
    """A database with nothing in it."""
    url = server.fresh()
    yield url
    server.drop(url)


def engine_of(url: str) -> sa.Engine:
    return sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))


def test_the_tables_that_are_made_are_the_ones_that_are_described(empty: str) -> None:
    migrate.upgrade(empty)
    engine = engine_of(empty)
    with engine.connect() as connection:
        ours = {"include_name": lambda name, kind, _: kind != "table" or name.startswith(PREFIX), "version_table": VERSION_TABLE}
        assert compare_metadata(MigrationContext.configure(connection, opts={**ours, "compare_type": True}), metadata) == []
        uncollated = connection.exec_driver_sql(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name LIKE 'horizon\\_%%' "
            "AND column_name IN ('id', 'name', 'queue', 'unique_key', 'tag', 'token') AND collation_name IS DISTINCT FROM 'C'"
        ).fetchall()
        assert uncollated == []
    engine.dispose()


def test_every_column_is_sent_as_what_it_is() -> None:
    kinds = {sa.Text: "text", sa.String: "text", sa.LargeBinary: "bytea", sa.BigInteger: "bigint", sa.SmallInteger: "bigint"}
    wrong = []
    for table in metadata.tables.values():
        for column in table.columns:
            kind = next(kind for type, kind in kinds.items() if isinstance(column.type, type))
            if kind_of(table.name, column.name) != kind:
                wrong.append(f"{table.name}.{column.name}: {kind_of(table.name, column.name)}, not {kind}")
    assert wrong == []


def test_a_store_without_tables_says_what_to_run_and_makes_none(empty: str) -> None:
    store = DatabaseBackend(empty, StoreOptions())
    for act in (store.ready, lambda: store.push([envelope()]), store.tick):
        with pytest.raises(SchemaMismatch, match="horizon db upgrade"):
            act()
    assert migrate.check(empty).current is None
    store.close()


def test_of_two_upgrades_at_once_one_makes_the_tables_and_the_other_finds_them(empty: str) -> None:
    before: list[str | None] = []
    threads = [threading.Thread(target=lambda: before.append(migrate.upgrade(empty).current)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(map(str, before)) == sorted(["None", migrate.HEAD, migrate.HEAD])


def test_an_upgrade_that_is_cut_off_leaves_nothing(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from horizon.backends.database.migrations import run as runner

    whole = runner.run

    def cut(connection: sa.Connection) -> None:
        whole(connection)
        raise KeyboardInterrupt

    monkeypatch.setattr(runner, "run", cut)
    with pytest.raises(KeyboardInterrupt):
        migrate.upgrade(empty)
    engine = engine_of(empty)
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()


def test_the_tables_may_live_in_a_schema_of_their_own_beside_the_hosts(empty: str) -> None:
    engine = engine_of(empty)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA jobs")
        connection.exec_driver_sql("CREATE TABLE orders (id integer)")
    url = f"{empty}?options=-csearch_path%3Djobs"
    migrate.upgrade(url)
    store = DatabaseBackend(url, StoreOptions())
    store.push([envelope()])
    store.close()
    assert sa.inspect(engine).get_table_names() == ["orders"]
    assert f"{PREFIX}job" in sa.inspect(engine).get_table_names(schema="jobs")
    engine.dispose()


def test_tables_of_a_newer_version_are_left_alone(empty: str) -> None:
    migrate.upgrade(empty)
    engine = engine_of(empty)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    with pytest.raises(SchemaMismatch, match="newer"):
        migrate.upgrade(empty)
    engine.dispose()
