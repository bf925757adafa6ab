"""The suite's own rule: with CI=true, a skipped test has failed."""

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
    return subprocess.run(command, env=environ, cwd=folder, capture_output=True, text=True, timeout=120)


def test_at_home_a_test_without_what_it_needs_is_skipped(tmp_path: Path) -> None:
    done = run(tmp_path, SKIPS, "")
    assert done.returncode == 0, done.stdout
    assert "1 passed, 1 skipped" in done.stdout


@pytest.mark.parametrize("text", [SKIPS, SKIPS_WHOLE], ids=["a test", "a module"])
def test_in_ci_it_fails_and_says_what_was_missing(tmp_path: Path, text: str) -> None:
    done = run(tmp_path, text, "true")
    assert done.returncode != 0
    assert "no browser here" in done.stdout
