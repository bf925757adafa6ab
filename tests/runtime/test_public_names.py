from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import horizon
import horizon.middleware
from horizon.core.errors import ComesLater

THIRD_PARTY = [
    "flask",
    "sqlalchemy",
    "blinker",
    "click",
    "jinja2",
    "werkzeug",
    "redis",
    "apscheduler",
    "alembic",
    "cronsim",
    "gunicorn",
    "flask_sqlalchemy",
]


def loaded_by(line: str) -> set[str]:
    """Which third-party packages, and which of our modules, a fresh interpreter has after this line."""
    script = f"{line}\nimport sys\nprint(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("line", ["import horizon", "from horizon import Job", "from horizon import job, dispatch, on, current_job, Priority, JobState",
                                  "import horizon.jobs.attempt, horizon.runtime, horizon.middleware"])  # fmt: skip
def test_a_job_module_loads_no_third_party_package(line: str) -> None:
    assert loaded_by(line) & set(THIRD_PARTY) == set()


@pytest.mark.parametrize(
    "line",
    [
        "from horizon import Job\nclass Send(Job):\n    queue = 'mail'\n    def handle(self): ...",
        "from horizon import job\n@job\ndef send(): ...",
    ],
)
def test_a_module_that_only_defines_jobs_loads_nothing_heavy(line: str, tmp_path: Path) -> None:
    (tmp_path / "jobs.py").write_text(line)
    heavy = {
        "asyncio",
        "logging",
        "dataclasses",
        "inspect",
        "json",
        "uuid",
        "hashlib",
        "difflib",
        "decimal",
        "zoneinfo",
        "traceback",
        "horizon.backends",
    }
    assert loaded_by(f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import jobs") & heavy == set()


def test_importing_the_package_alone_loads_almost_nothing() -> None:
    ours = {name for name in loaded_by("import horizon") if name.startswith("horizon")}
    assert ours == {"horizon"}
    assert "typing" not in loaded_by("import horizon")


@pytest.mark.parametrize("name", sorted(horizon._WHERE))
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(horizon, name) is not None
    assert name in dir(horizon)
    assert name in horizon.__all__


@pytest.mark.parametrize("name", sorted(horizon.middleware._WHERE))
def test_every_middleware_is_there(name: str) -> None:
    assert getattr(horizon.middleware, name) is not None


def test_a_name_of_a_later_release_says_so_however_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(horizon._LATER, "Tomorrow", "another day")
    with pytest.raises(ComesLater, match=r"horizon.Tomorrow comes with another day, in a later release"):
        horizon.Tomorrow  # noqa: B018
    with pytest.raises(ComesLater, match=r"horizon.Tomorrow comes with .*later release"):
        exec("from horizon import Tomorrow")
    assert not hasattr(horizon, "Tomorrow")
    assert getattr(horizon, "Tomorrow", None) is None


def test_a_slip_of_the_pen_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(AttributeError, match="did you mean Job"):
        horizon.Jobs  # noqa: B018
    with pytest.raises(ImportError):
        exec("from horizon import Jobs")
    with pytest.raises(AttributeError, match="there are: "):
        horizon.zzz  # noqa: B018
    assert not hasattr(horizon, "zzz")
