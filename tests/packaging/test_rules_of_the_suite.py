"""The suite's own rules: with CI=true, a skipped test has failed; what failed in a browser is tried once more, nothing else is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SKIPS = "import pytest\n\ndef test_a():\n    pytest.skip('no browser here')\n\ndef test_b():\n    pass\n"
SKIPS_WHOLE = "import pytest\n\npytest.skip('no browser here', allow_module_level=True)\n"


def run(folder: Path, text: str, ci: str) -> subprocess.CompletedProcess[str]:
    (folder / "conftest.py").write_text((ROOT / "tests/conftest.py").read_text())
    (folder / "test_one.py").write_text(text)
    environ = {**os.environ, "CI": ci, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(folder), str(folder)]
    return subprocess.run(command, env=environ, cwd=folder, capture_output=True, text=True, timeout=400)


def test_at_home_a_test_without_what_it_needs_is_skipped(tmp_path: Path) -> None:
    done = run(tmp_path, SKIPS, "")
    assert done.returncode == 0, done.stdout
    assert "1 passed, 1 skipped" in done.stdout


@pytest.mark.parametrize("text", [SKIPS, SKIPS_WHOLE], ids=["a test", "a module"])
def test_in_ci_it_fails_and_says_what_was_missing(tmp_path: Path, text: str) -> None:
    done = run(tmp_path, text, "true")
    assert done.returncode != 0
    assert "no browser here" in done.stdout


FAILS = """
tries = []

def test_well_the_second_time():
    tries.append(1)
    assert len(tries) == 2, "a picture came late"

def test_wrong_both_times():
    assert False, "plainly wrong"
"""
AS_IN_A_BROWSER = """
from tests.web.browser import conftest

conftest.__file__ = __file__  # the hook goes by the folder that it is in
pytest_collection_modifyitems = conftest.pytest_collection_modifyitems
"""


def test_what_failed_in_a_browser_is_tried_once_more_and_that_is_told(tmp_path: Path) -> None:
    for name in ("browser", "elsewhere"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"test_{name}.py").write_text(FAILS)
    (tmp_path / "browser" / "conftest.py").write_text(AS_IN_A_BROWSER)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", str(ROOT / "pyproject.toml")]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*command, "--rootdir", str(tmp_path), str(tmp_path)], env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=400
    )
    assert "3 failed, 1 passed, 2 rerun" in done.stdout, done.stdout + done.stderr
    told = done.stdout.partition("rerun test summary info")[2]
    assert "test_well_the_second_time" in told
    assert "a picture came late" in told
    assert "FAILED browser/test_browser.py::test_wrong_both_times" in done.stdout
    assert "FAILED browser/test_browser.py::test_well_the_second_time" not in done.stdout
