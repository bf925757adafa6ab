from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

from tests.architecture.tree import ROOT

TESTS = """
from horizon import Job, QueueFake
from horizon.jobs import capture

class Mail(Job, name="plugin-test-mail"):
    def handle(self): ...

def test_the_fixture_catches(queue_fake):
    Mail.dispatch()
    queue_fake.assert_pushed(Mail)

def test_a_plain_fake_that_its_test_leaves_behind_and_that_fails():
    fake = QueueFake()
    assert fake is None

def test_catches_nothing_of_the_next_test():
    assert not capture.spread_now()
"""


def test_the_plugin_gives_a_fixture_and_ends_what_a_test_left_behind(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(TESTS)
    plugin = [] if _installed() else ["-p", "horizon.testing.plugin"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *plugin, "--rootdir", str(tmp_path), str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "1 failed, 2 passed" in done.stdout, done.stdout + done.stderr


def _installed() -> bool:
    from importlib.metadata import entry_points

    return "horizon.testing.plugin" in entry_points(group="pytest11").names


def test_pytest_is_told_where_the_plugin_is() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["pytest11"] == {"horizon.testing.plugin": "horizon.testing.plugin"}


def test_the_plugin_loads_nothing_of_ours_but_itself() -> None:
    code = (
        "import sys, pytest, horizon.testing.plugin; "
        "print(sorted(name for name in sys.modules if name.split('.')[0] in ('horizon', 'flask', 'sqlalchemy', 'redis')))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "['horizon', 'horizon.testing', 'horizon.testing.plugin']"
