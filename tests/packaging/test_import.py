"""`import horizon` is light: a module of jobs may be imported anywhere, at no price."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REPORT = """
import json, sys
before = set(sys.modules)
{code}
names = sorted(set(sys.modules) - before)
where = [getattr(sys.modules[name], "__file__", None) or "" for name in names]
print(json.dumps([names, where]))
"""


def loaded_by(code: str) -> dict[str, str]:
    """Modules that running this in a fresh interpreter loads, with their files."""
    done = subprocess.run(
        [sys.executable, "-c", REPORT.format(code=code)], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    names, where = json.loads(done.stdout)
    return dict(zip(names, where, strict=True))


JOB = """
from horizon import Job
class Greet(Job):
    def __init__(self, name: str):
        self.name = name
    def handle(self):
        print(self.name)
"""
FUNCTION = "from horizon import job\n@job(queue='reports')\ndef report(year: int): ..."


@pytest.mark.parametrize("code", ["import horizon", JOB, FUNCTION], ids=["horizon", "Job", "@job"])
def test_no_third_party_package_is_loaded(code: str) -> None:
    foreign = [name for name, file in loaded_by(code).items() if "site-packages" in file]
    assert foreign == []


def test_import_horizon_loads_next_to_nothing() -> None:
    ours = [name for name in loaded_by("import horizon") if name.startswith("horizon")]
    assert ours == ["horizon"]


@pytest.mark.parametrize("code", ["import horizon", JOB], ids=["horizon", "Job"])
def test_nothing_heavy_of_the_standard_library_is_loaded(code: str) -> None:
    heavy = {"asyncio", "ssl", "sqlite3", "email", "http.client", "multiprocessing", "unittest", "socket", "urllib.request"}
    assert heavy.isdisjoint(loaded_by(code))


def test_the_guardian_loads_neither_flask_nor_click_nor_sqlalchemy() -> None:
    loaded = loaded_by("import horizon.worker.guardian, horizon.backends.database.bare")
    assert {"flask", "click", "sqlalchemy", "werkzeug", "jinja2"}.isdisjoint(loaded)
    assert [name for name, file in loaded.items() if "site-packages" in file] == []
