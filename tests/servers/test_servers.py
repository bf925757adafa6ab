"""The servers of the tests: they come up, databases are apart, and nothing outlives pytest."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import redis
import sqlalchemy

from tests.servers.fixtures import OwnServer
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.redis import Redis, Redis62, Valkey
from tests.servers.running import running
from tests.servers.server import Server
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[2]
KINDS = {"postgres": Postgres, "mariadb": MariaDB, "redis_server": Redis, "redis_62": Redis62, "valkey": Valkey}
SQL = ("postgres", "mariadb")


def driven(address: str) -> str:
    return address.replace("postgresql://", "postgresql+psycopg://")


def write(address: str) -> None:
    if address.startswith("redis:"):
        with redis.Redis.from_url(address) as client:
            client.set("job", "1")
    else:
        engine = sqlalchemy.create_engine(driven(address))
        with engine.begin() as connection:
            connection.execute(sqlalchemy.text("CREATE TABLE job (id INT PRIMARY KEY)"))
            connection.execute(sqlalchemy.text("INSERT INTO job VALUES (1)"))
        engine.dispose()


def holds(address: str) -> bool:
    if address.startswith("redis:"):
        with redis.Redis.from_url(address) as client:
            return bool(client.exists("job"))
    engine = sqlalchemy.create_engine(driven(address))
    try:
        return sqlalchemy.inspect(engine).has_table("job")
    finally:
        engine.dispose()


@pytest.mark.parametrize("name", KINDS)
def test_a_database_is_empty_and_apart_from_the_next_one(name: str, request: pytest.FixtureRequest) -> None:
    address = request.getfixturevalue(name)
    assert not holds(address)
    write(address)
    assert holds(address)
    other = running(KINDS[name]).fresh()
    assert not holds(other)
    running(KINDS[name]).drop(other)


@pytest.mark.parametrize("name", KINDS)
def test_a_server_that_was_killed_comes_back_with_its_data(name: str, own_server: OwnServer) -> None:
    server: Server = own_server(KINDS[name], durable=True)
    address = server.fresh()
    write(address)
    server.kill()
    server.start()
    assert holds(address)


@pytest.mark.parametrize("name", SQL)
def test_a_template_is_made_once_and_copied(name: str, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue(name)
    server = running(KINDS[name])
    assert isinstance(server, Postgres | MariaDB)
    made: list[str] = []

    def prepare(address: str) -> None:
        made.append(address)
        write(address)

    copies = [server.fresh(server.template("pattern", prepare)) for _ in range(2)]
    assert [holds(copy) for copy in copies] == [True, True]
    assert len(made) == 1
    for copy in copies:
        server.drop(copy)


TEST = """
import os, pathlib, signal
from tests.servers.redis import Redis
from tests.servers.running import running

def test_that_ends_badly(redis_server):
    server = running(Redis)
    pathlib.Path(os.environ["SAID"]).write_text(f"{server.pid} {server.folder}")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_server_ends_with_pytest_even_where_pytest_was_killed(tmp_path: Path, redis_server: str) -> None:
    (tmp_path / "conftest.py").write_text((ROOT / "tests/conftest.py").read_text())
    (tmp_path / "test_one.py").write_text(TEST)
    environ = {**os.environ, "SAID": str(tmp_path / "said"), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)]
    done = subprocess.run(command, env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == -signal.SIGKILL, done.stdout
    pid, folder = (tmp_path / "said").read_text().split()
    until(lambda: not Path(f"/proc/{pid}").exists() and not Path(folder).exists())


def test_one_that_is_not_installed_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text((ROOT / "tests/conftest.py").read_text())
    nowhere = "from tests.servers.redis import Redis\nRedis.find = lambda self: None\ndef test_it(redis_server): pass\n"
    (tmp_path / "test_one.py").write_text(nowhere)
    command = [sys.executable, "-m", "pytest", "-q", "-ra", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)]
    for ci, verdict in (("", "1 skipped"), ("true", "1 error")):
        environ = {**os.environ, "CI": ci, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=120)
        assert verdict in done.stdout, done.stdout
        assert "install Redis" in done.stdout
