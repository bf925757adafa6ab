"""`horizon serve`, as a real process."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from horizon.backends.connect import connect
from tests.waiting import until

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).resolve().parents[2]
APP = """
import os
from flask import Flask
from horizon import Horizon
app = Flask("shop", instance_path={folder!r})
app.config["HORIZON_URL"] = "sqlite:///jobs.db"
Horizon(app)

@app.get("/pid")
def pid():
    return str(os.getpid())
"""


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def serving(folder: Path, *words: str, **environ: str) -> Iterator[subprocess.Popen[str]]:
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environ}
    command = [sys.executable, "-m", "horizon.cli.main", "serve", "--app", "shop", *words]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log, text=True, start_new_session=True)
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def get(port: int, path: str) -> str | None:
    """The answer, None while there is none."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as response:
            return str(response.read().decode())
    except OSError:
        return None


def test_it_serves_the_app_on_port_and_one_of_its_processes_keeps_house(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(APP.format(folder=str(tmp_path)))
    port = free_port()
    with serving(tmp_path, "--workers", "2", PORT=str(port)) as process:
        answer = until(lambda: get(port, "/horizon/healthz"), 60)
        assert json.loads(str(answer)) == {"status": "alive"}
        store = connect(f"sqlite:///{tmp_path / 'jobs.db'}")
        store.ready()
        lease = until(lambda: store.locks.read("leader"), 30)
        assert int(lease.holder.split(":")[1]) != process.pid, "the parent of the workers does not keep house"
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert store.locks.read("leader") is None, "who stops lets another one lead at once"
        store.close()


def test_the_processes_are_several(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(APP.format(folder=str(tmp_path)))
    port = free_port()
    with serving(tmp_path, "--bind", f"127.0.0.1:{port}", "--workers", "2") as process:
        until(lambda: get(port, "/pid"), 60)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        until(lambda: len(children.read_text().split()) == 2)


def test_an_app_that_does_not_load_is_told_in_one_line_and_ends_the_server(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text("nothing = 1\n")
    with serving(tmp_path, "--bind", f"127.0.0.1:{free_port()}") as process:
        assert process.wait(60) == 2
    log = (tmp_path / "log").read_text()
    assert log.startswith("Error: no app found: failed to find Flask application")
    assert log.count("\n") == 1


def test_a_port_that_is_no_number_is_wrong_usage(tmp_path: Path) -> None:
    with serving(tmp_path, PORT="http") as process:
        assert process.wait(60) == 2
    assert "PORT is a number" in (tmp_path / "log").read_text()
