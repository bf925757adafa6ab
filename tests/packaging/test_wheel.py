"""The wheel, built from this checkout and installed into an empty environment, is a whole product."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.waiting import until

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).resolve().parents[2]
APP = """
from flask import Flask
from horizon import Horizon
app = Flask(__name__)
Horizon(app)
"""
NOT_SHIPPED = ("tests/", "docs/", "benchmarks/")
PATIENCE = 60.0
"""Seconds for a server to start, and to draw its first page while it compiles the others: on a busy machine ten were too few."""


def run(*command: str | Path, cwd: Path | None = None, **environ: str) -> str:
    """What it prints. Fails with all of it where the command does."""
    env = {**{name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}, **environ}
    done = subprocess.run([str(word) for word in command], cwd=cwd, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT)
    (made,) = out.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment that has the wheel, what it depends on, and nothing else."""
    here = tmp_path_factory.mktemp("env") / "venv"
    uv = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    venv.create(here, with_pip=uv is None)
    python = here / "bin/python"
    if uv is not None:
        run(uv, "pip", "install", "--quiet", "--python", python, wheel)
    else:
        run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel)
    return here / "bin"


@pytest.fixture(scope="module")
def address(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A served app, far from the checkout."""
    here = tmp_path_factory.mktemp("app")
    (here / "wsgi.py").write_text(APP)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    env = {"PATH": os.environ["PATH"], "FLASK_DEBUG": "1", "PORT": str(port)}
    process = subprocess.Popen([installed / "horizon", "serve", "--bind", f"127.0.0.1:{port}"], cwd=here, env=env, start_new_session=True)
    try:
        until(lambda: get(f"http://127.0.0.1:{port}/horizon/healthz"), PATIENCE)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)


def get(url: str) -> tuple[str, str] | None:
    """(content type, text); None while nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as response:
            return response.headers["Content-Type"], response.read().decode(errors="replace")
    except ConnectionError:
        return None
    except urllib.error.URLError as error:
        if isinstance(error, urllib.error.HTTPError):
            raise
        return None


def test_the_wheel_holds_every_file_of_the_product_and_nothing_else(wheel: Path) -> None:
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    tracked = run("git", "ls-files", "horizon", "static", "templates", cwd=ROOT).split() if (ROOT / ".git").exists() else []
    wanted = {name if name.startswith("horizon/") else f"horizon/{name}" for name in tracked}
    assert wanted - held == set(), "left out of the wheel"
    assert not [name for name in held if not name.startswith("horizon/") or name.endswith(".pyc") or name.startswith(NOT_SHIPPED)]
    assert "horizon/py.typed" in held


def test_a_page_its_style_and_its_scripts_are_served(address: str) -> None:
    found = get(f"{address}/horizon/")
    assert found is not None
    kind, page = found
    assert kind.startswith("text/html")
    links = re.findall(r'(?:href|src)="(/horizon/static/[^"]+)"', page)
    assert any("htmx" in link for link in links)
    assert any(".css" in link for link in links)
    for link in links:
        answer = get(address + link.partition("#")[0].replace("&amp;", "&"))
        assert answer is not None
        assert answer[1]


def test_htmx_and_the_style_are_what_they_say(address: str) -> None:
    _, page = get(f"{address}/horizon/") or ("", "")
    for pattern, kind, word in ((r'src="([^"]*htmx[^"]*)"', "javascript", "htmx"), (r'href="([^"]*\.css[^"]*)"', "css", "{")):
        (link, *_) = re.findall(pattern, page)
        answer = get(address + link.replace("&amp;", "&"))
        assert answer is not None
        assert kind in answer[0]
        assert word in answer[1]


def test_both_ways_to_call_the_command_line_are_there(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "wsgi.py").write_text(APP)
    said = run(installed / "horizon", "version", cwd=tmp_path)
    assert said.startswith("Flask-Horizon ")
    assert run(installed / "flask", "horizon", "version", cwd=tmp_path) == said
    assert '"items": []' in run(installed / "flask", "horizon", "jobs", "--json", cwd=tmp_path)


def test_a_worker_of_the_wheel_runs(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "wsgi.py").write_text(APP)
    run(installed / "horizon", "work", "--stop-when-empty", cwd=tmp_path)
    assert "as it should be" in run(installed / "horizon", "db", "current", cwd=tmp_path)


def test_the_files_of_the_demo_are_there(installed: Path, tmp_path: Path) -> None:
    code = "from horizon.demo.app import create_app; print(create_app('shop').test_client().get('/products/1.json').json['id'])"
    assert run(installed / "python", "-c", code, cwd=tmp_path).strip() == "1"
