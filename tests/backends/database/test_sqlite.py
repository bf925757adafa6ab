from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from horizon.backends.connect import connect
from horizon.backends.database import sqlite
from horizon.backends.database.db import Busy, Refused
from horizon.core.errors import BackendUnavailable, ConfigurationError, SchemaMismatch, StoreFull
from tests.conformance.driver import envelope


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true", "sqlite:///x?mode=memory"]
)
def test_a_store_that_ends_with_its_process_is_refused_with_what_to_use_instead(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"sqlite:///horizon\.db|slashes"):
        sqlite.locate(url, {})


def test_a_host_in_the_address_is_refused_as_a_missing_slash() -> None:
    with pytest.raises(ConfigurationError, match="slashes"):
        sqlite.locate("sqlite://data/horizon.db", {})


@pytest.mark.parametrize(("key", "value"), [("synchronous", "OFF"), ("busy_timeout", 0), ("busy_timeout", "10"), ("busy_timeout", True)])
def test_an_option_that_could_lose_jobs_is_refused(key: str, value: object) -> None:
    with pytest.raises(ConfigurationError, match=key):
        sqlite.locate("sqlite:///x.db", {key: value})


def test_a_relative_address_means_the_same_file_after_a_change_of_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store = connect("sqlite:///deep/er/horizon.db")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    store.ready()
    store.close()
    assert (tmp_path / "deep/er/horizon.db").exists()
    assert store.location == f"sqlite:///{tmp_path}/deep/er/horizon.db"


def test_odd_characters_in_a_file_name_are_just_characters(tmp_path: Path) -> None:
    store = connect(f"sqlite:///{tmp_path}/a %23#ü.db")
    store.ready()
    store.close()
    assert (tmp_path / "a %23#ü.db").exists()


def test_every_connection_keeps_a_log_and_syncs_as_asked(tmp_path: Path) -> None:
    for word, number in (("FULL", 2), ("NORMAL", 1)):
        connection = sqlite.open_file(sqlite.locate(f"sqlite:///{tmp_path}/x.db", {"synchronous": word}))
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (number,)
        connection.close()


def test_only_a_setting_that_could_lose_commits_is_warned_about(tmp_path: Path) -> None:
    full, normal = (sqlite.locate(f"sqlite:///{tmp_path}/x.db", {"synchronous": word}) for word in ("FULL", "NORMAL"))
    assert sqlite.warnings(full) == ()
    (sentence,) = sqlite.warnings(normal)
    assert "power cut" in sentence


def test_a_file_that_is_no_database_says_so(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"no database at all, just some words" * 100)
    with pytest.raises(BackendUnavailable, match="not a SQLite database"):
        connect(f"sqlite:///{tmp_path}/x.db").ready()


def test_a_folder_in_the_place_of_the_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(BackendUnavailable, match="cannot open"):
        connect(f"sqlite:///{tmp_path}").ready()


def test_a_store_without_tables_says_what_to_run(tmp_path: Path) -> None:
    store = connect(f"sqlite:///{tmp_path}/x.db")
    with pytest.raises(SchemaMismatch, match="horizon db upgrade"):
        store.push([envelope()])
    store.close()


def raised(sql: str, *params: object) -> sqlite3.Error:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (a INTEGER NOT NULL)")
    with pytest.raises(sqlite3.Error) as caught:
        connection.execute(sql, params)
    return caught.value


def test_errors_are_told_apart_by_what_can_be_done_about_them() -> None:
    full, busy = sqlite3.OperationalError("database or disk is full"), sqlite3.OperationalError("database is locked")
    full.sqlite_errorcode, busy.sqlite_errorcode = sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY_SNAPSHOT
    for error, kind in (
        (raised("SELECT * FROM nowhere"), SchemaMismatch),
        (raised("INSERT INTO t VALUES (?)", None), Refused),
        (raised("INSERT INTO t VALUES (?)", object()), Refused),
        (OverflowError("Python int too large to convert to SQLite INTEGER"), Refused),
        (full, StoreFull),
        (busy, Busy),
        (sqlite3.OperationalError("something new"), BackendUnavailable),
    ):
        assert type(sqlite.translate(error, "here")) is kind


@pytest.mark.skipif(os.name != "posix", reason="file modes")
def test_a_file_nobody_may_write_says_so(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        error = sqlite3.OperationalError("attempt to write a readonly database")
        error.sqlite_errorcode = sqlite3.SQLITE_READONLY
        assert "may not write" in str(sqlite.translate(error, "here"))
        return
    (tmp_path / "x.db").touch(mode=0o400)
    with pytest.raises(BackendUnavailable, match="may not write"):
        connect(f"sqlite:///{tmp_path}/x.db").ready()
