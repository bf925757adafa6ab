from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import make_url

from horizon.backends.database.host import identity
from horizon.backends.database.host_writes import is_read, savepoint, trace_of, watch


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1", "select * from t", "  \n\t(SELECT 1)", "-- why\nSELECT 1", "/* a\nb */ SELECT 1", "((SELECT 1) UNION (SELECT 2))", "WITH a AS (SELECT 1) SELECT * FROM a",
        "EXPLAIN SELECT 1", "EXPLAIN QUERY PLAN SELECT 1", "PRAGMA user_version", "PRAGMA table_info('t')", "pragma main.foreign_key_list(t)", "SHOW TABLES", "VALUES (1)",
        "TABLE t", "DESCRIBE t", "SAVEPOINT a", "RELEASE SAVEPOINT a", "ROLLBACK TO SAVEPOINT a", "BEGIN", "SELECT updated_at, deleted FROM t", "SELECT insertion FROM t",
    ],
)  # fmt: skip
def test_plain_reads_are_reads(statement: str) -> None:
    assert is_read(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO t VALUES (1)", "update t set x = 1", "-- c\nDELETE FROM t", "/* SELECT */ DELETE FROM t", "REPLACE INTO t VALUES (1)", "MERGE INTO t USING s ON 1 = 1",
        "SELECT * FROM t FOR UPDATE", "SELECT * FROM t FOR NO KEY UPDATE SKIP LOCKED", "SELECT * FROM t FOR SHARE", "SELECT * FROM t LOCK IN SHARE MODE",
        "SELECT x INTO u FROM t", "WITH a AS (INSERT INTO t VALUES (1) RETURNING x) SELECT * FROM a", "WITH a AS (SELECT 1) DELETE FROM t", "EXPLAIN ANALYZE DELETE FROM t",
        "PRAGMA user_version = 3", "PRAGMA wal_checkpoint(TRUNCATE)", "CREATE TABLE t (x)", "DROP TABLE t", "ALTER TABLE t ADD x", "TRUNCATE t", "VACUUM", "ANALYZE", "CALL p()",
        "DO $$ BEGIN END $$", "LOCK TABLE t", "SET LOCAL x = 1", "COPY t FROM STDIN", "", "???", "-- only a comment",
    ],
)  # fmt: skip
def test_whatever_is_not_a_plain_read_counts_as_a_write(statement: str) -> None:
    assert not is_read(statement)


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("SAVEPOINT sa_savepoint_1", ("SAVEPOINT", "sa_savepoint_1")), ("release savepoint a", ("RELEASE", "a")), ("RELEASE a", ("RELEASE", "a")),
        ("ROLLBACK TO SAVEPOINT a", ("ROLLBACK", "a")), ('rollback to "a"', ("ROLLBACK", "a")), ("ROLLBACK", None), ("SELECT 1", None),
    ],
)  # fmt: skip
def test_savepoints_are_read_from_the_statement(statement: str, found: tuple[str, str] | None) -> None:
    assert savepoint(statement) == found


def test_a_connection_knows_whether_its_transaction_has_written(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path}/a.db")
    watch(engine)
    watch(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
        connection.commit()
        assert not trace_of(connection).wrote
        connection.exec_driver_sql("SELECT * FROM t")
        assert not trace_of(connection).wrote
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
        assert trace_of(connection).wrote
        connection.rollback()
        assert not trace_of(connection).wrote
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
        connection.commit()
        assert not trace_of(connection).wrote
    with engine.connect() as connection:
        assert not trace_of(connection).wrote


def test_a_savepoint_rolled_back_undoes_what_was_kept_in_it_and_in_those_inside(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path}/a.db")
    watch(engine)
    undone: list[str] = []
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
        trace = trace_of(connection)
        trace.keep(lambda: undone.append("outside"))
        connection.exec_driver_sql("SAVEPOINT a")
        trace.keep(lambda: undone.append("a"))
        connection.exec_driver_sql("SAVEPOINT b")
        trace.keep(lambda: undone.append("b"))
        connection.exec_driver_sql("RELEASE SAVEPOINT b")
        connection.exec_driver_sql("SAVEPOINT c")
        trace.keep(lambda: undone.append("c"))
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT c")
        assert undone == ["c"]
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT a")
        assert undone == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("sqlite:////tmp/a.db", "sqlite+pysqlite:////tmp/../tmp/a.db", True), ("sqlite:////tmp/a.db", "sqlite:////tmp/b.db", False),
        ("postgresql://u@h/d", "postgresql+psycopg://v:w@h:5432/d", True), ("postgresql://h/d", "postgresql://h/e", False), ("postgresql://h/d", "mysql://h/d", False),
        ("postgresql://h:1/d", "postgresql://h:2/d", False),
    ],
)  # fmt: skip
def test_databases_are_told_apart_whatever_driver_or_user_reaches_them(one: str, two: str, same: bool) -> None:
    assert (identity(make_url(one)) == identity(make_url(two))) is same


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true"])
def test_a_database_in_memory_is_nobody_elses(url: str) -> None:
    assert identity(make_url(url)) is None
