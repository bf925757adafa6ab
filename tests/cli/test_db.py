from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from horizon.backends.database import migrate
from tests.cli.conftest import Site


@pytest.fixture
def url(tmp_path: Path) -> str:
    """These are about a file that has no tables yet."""
    return f"sqlite:///{tmp_path / 'jobs.db'}"


@pytest.fixture
def archive() -> str:
    """And a store that never has any."""
    return "memory://"


def test_upgrade_makes_the_tables_and_repeating_it_is_harmless(site: Site, horizon) -> None:
    first = horizon("db", "upgrade")
    assert first.exit_code == 0
    assert f"default: went from no tables to {migrate.HEAD}." in first.output
    assert f"default: is at version {migrate.HEAD} already." in horizon("db", "upgrade").output


def test_a_store_without_tables_has_nothing_to_do(site: Site, horizon) -> None:
    done = horizon("db", "upgrade", "--connection", "archive")
    assert (done.exit_code, done.output) == (0, "archive: nothing to do, this kind of store has no tables.\n")


def test_current_exits_with_one_until_the_tables_fit(site: Site, horizon) -> None:
    before = horizon("db", "current")
    assert before.exit_code == 1
    assert "horizon db upgrade" in before.output
    horizon("db", "upgrade")
    after = horizon("db", "current", "--json")
    assert after.exit_code == 0
    assert json.loads(after.output)["default"] == {"current": migrate.HEAD, "head": migrate.HEAD, "fits": True}


def test_tables_of_a_newer_version_are_left_alone(site: Site, horizon, tmp_path: Path) -> None:
    horizon("db", "upgrade")
    with sqlite3.connect(tmp_path / "jobs.db") as file:
        file.execute("UPDATE horizon_alembic_version SET version_num = '9999'")
    for words in (("db", "upgrade"), ("stats",)):
        done = horizon(*words)
        assert done.exit_code == 1
        assert "newer" in done.output
        assert "Traceback" not in done.output
    assert "9999" in horizon("db", "current").output


def test_an_unknown_connection_is_told_with_those_there_are(site: Site, horizon) -> None:
    done = horizon("db", "upgrade", "--connection", "nowhere")
    assert done.exit_code == 1
    assert "default, archive" in done.output
