from __future__ import annotations

import subprocess
import sys

import pytest

SPY = """
import os, sys
def execv(path, words):
    print(*words[1:])
    print(*[name for name in ("flask", "click", "sqlalchemy", "gunicorn") if name in sys.modules])
    sys.exit(0)
os.execv = execv
from horizon.cli.main import main
main({words!r})
"""


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)


def test_work_becomes_its_guardian_without_loading_flask_or_click() -> None:
    done = python(SPY.format(words=["--app", "shop", "work", "--queue", "a,b", "--once"]))
    command, loaded = done.stdout.split("\n")[:2]
    assert command == "-m horizon.worker.guardian --app shop --queue a,b --once"
    assert loaded == ""


def test_the_demo_is_a_program_of_its_own_too() -> None:
    done = python(SPY.format(words=["demo", "--port", "0"]))
    assert done.stdout.split("\n")[:2] == ["-m horizon.demo --port 0", ""]


def horizon(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "horizon.cli.main", *words], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("words", [("work", "--concurrency", "many"), ("work", "--queue", "a b"), ("demo", "--port", "many")])
def test_wrong_options_are_refused_before_anything_starts(words: tuple[str, ...]) -> None:
    done = horizon(*words)
    assert done.returncode == 2
    assert words[-1] in done.stderr
    assert "Traceback" not in done.stderr


def test_flask_horizon_work_passes_its_options_and_the_app_on() -> None:
    code = SPY.replace("from horizon.cli.main import main\nmain({words!r})", "from horizon.cli.group import cli\ncli({words!r})")
    done = python(code.format(words=["work", "--app", "shop", "--queue", "a"]))
    assert done.stdout.split("\n")[0] == "-m horizon.worker.guardian --app shop --queue a"


def test_help_lists_the_options_of_a_worker() -> None:
    done = horizon("work", "--help")
    assert done.returncode == 0
    for option in ("--queue", "--fair", "--processes", "--concurrency", "--memory", "--max-jobs", "--once", "--stop-when-empty"):
        assert option in done.stdout
