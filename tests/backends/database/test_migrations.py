from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from horizon.backends.connect import connect
from horizon.backends.database import migrate, migrations
from horizon.backends.database.tables import PREFIX, VERSION_TABLE, metadata
from horizon.core.clock import ManualClock
from horizon.core.errors import SchemaMismatch
from tests.conformance.driver import Driver, envelope
from tests.conformance.grouping import push_batch

READY = "import sys; from horizon.backends.connect import connect; connect(sys.argv[1]).ready(); print('alembic' in sys.modules)"


def url_of(folder: Path) -> str:
    return f"sqlite:///{folder}/horizon.db"


def rows(folder: Path, sql: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(folder / "horizon.db")
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_the_migrations_make_exactly_the_tables_that_the_code_knows(tmp_path: Path) -> None:
    migrate.upgrade(url_of(tmp_path))
    engine = create_engine(url_of(tmp_path))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE, "compare_type": True})
        assert compare_metadata(context, metadata) == []
    made = dict(rows(tmp_path, "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"))
    wanted = {index.name for table in metadata.tables.values() for index in table.indexes}
    assert made.keys() == wanted
    partial = {
        index.name for table in metadata.tables.values() for index in table.indexes if index.dialect_options["sqlite"]["where"] is not None
    }
    assert {name for name, sql in made.items() if " WHERE " in str(sql)} == partial


def test_the_code_knows_every_migration_there_is() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__path__[0])))
    scripts = ScriptDirectory.from_config(config)
    assert tuple(reversed([script.revision for script in scripts.walk_revisions()])) == migrate.REVISIONS
    assert scripts.get_current_head() == migrate.HEAD


def test_every_table_carries_the_prefix() -> None:
    assert all(name.startswith(PREFIX) for name in metadata.tables)


def test_getting_ready_makes_the_tables_and_the_next_process_does_not_even_load_alembic(tmp_path: Path) -> None:
    answers = [
        subprocess.run(
            [sys.executable, "-c", READY, url_of(tmp_path)], capture_output=True, text=True, check=True, timeout=60
        ).stdout.strip()
        for _ in range(2)
    ]
    assert answers == ["True", "False"]


def test_processes_that_get_ready_at_once_take_turns(tmp_path: Path) -> None:
    starting = [
        subprocess.Popen([sys.executable, "-c", READY, url_of(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    errors = [process.communicate(timeout=120)[1] for process in starting]
    assert [process.returncode for process in starting] == [0] * 4, errors
    assert rows(tmp_path, f"SELECT version_num FROM {VERSION_TABLE}") == [(migrate.HEAD,)]


def test_tables_of_a_newer_version_are_never_half_used(tmp_path: Path) -> None:
    store = connect(url_of(tmp_path))
    store.ready()
    connection = sqlite3.connect(tmp_path / "horizon.db")
    connection.execute(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    connection.commit()
    connection.close()
    for refused in (store.ready, lambda: migrate.upgrade(url_of(tmp_path))):
        with pytest.raises(SchemaMismatch, match="newer Horizon"):
            refused()
    assert migrate.check(url_of(tmp_path)).newer
    store.close()


def test_an_upgrade_tells_how_the_tables_stood_and_can_be_repeated(tmp_path: Path) -> None:
    assert migrate.check(url_of(tmp_path)) == migrate.Schema(current=None)
    assert migrate.upgrade(url_of(tmp_path)) == migrate.Schema(current=None)
    assert migrate.upgrade(url_of(tmp_path)).fits
    assert migrate.check(url_of(tmp_path)).fits


def test_the_tables_of_a_host_beside_ours_are_left_alone(tmp_path: Path) -> None:
    host = sqlite3.connect(tmp_path / "horizon.db")
    host.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY)")
    host.execute("CREATE TABLE alembic_version (version_num TEXT)")
    host.execute("INSERT INTO alembic_version VALUES ('theirs')")
    host.commit()
    host.close()
    store = connect(url_of(tmp_path))
    store.ready()
    store.push([envelope()])
    store.close()
    assert rows(tmp_path, "SELECT version_num FROM alembic_version") == [("theirs",)]
    assert rows(tmp_path, "SELECT count(*) FROM orders") == [(0,)]


def test_an_upgrade_that_is_cut_off_leaves_nothing_half_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Cut(Exception):
        pass

    from horizon.backends.database.migrations import run as runner

    def run_and_fail(connection: object) -> None:
        whole(connection)
        raise Cut

    whole = runner.run
    monkeypatch.setattr(runner, "run", run_and_fail)
    with pytest.raises(Cut):
        migrate.upgrade(url_of(tmp_path))
    assert rows(tmp_path, "SELECT name FROM sqlite_master") == []


def test_a_store_of_the_first_version_is_upgraded_by_itself_and_keeps_its_jobs(tmp_path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__path__[0])))
    engine = create_engine(url_of(tmp_path))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql("INSERT INTO horizon_lock (name, holder, term, expires_at) VALUES ('leader', 'web', 7, 5)")
    engine.dispose()
    store = connect(url_of(tmp_path))
    store.ready()
    assert list(store.accounts.users()) == []
    store.close()
    assert rows(tmp_path, "SELECT holder, term FROM horizon_lock") == [("web", 7)]
    assert migrate.check(url_of(tmp_path)).fits


def test_jobs_from_before_there_were_groups_go_on_and_are_counted_in_none(tmp_path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__path__[0])))
    engine = create_engine(url_of(tmp_path))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        connection.exec_driver_sql(
            "INSERT INTO horizon_job (n, id, name, queue, created_at, pushed_at, priority, version, until_processing, weight, hook, payload) "
            "VALUES (7, 'old', 'shop:Mail', 'mails', 1, 1, 0, 1, 0, 1, 0, x'00')"
        )
        connection.exec_driver_sql(
            "INSERT INTO horizon_live (n, state, queue, name, rank, place, available_at, size, tries, runs, round, crashes, suspect, alone, "
            "key_spent) VALUES (7, 1, 'mails', 'shop:Mail', 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0)"
        )
    engine.dispose()
    store = connect(url_of(tmp_path))
    store.ready()
    drive = Driver(store, ManualClock())
    drive.run("old")
    batch = push_batch(drive, 1)
    batch.end(batch.jobs[0])
    assert (drive.state("old"), drive.get("old").group, batch.now.total, batch.now.state) == ("completed", None, 1, "completed")
    store.close()
