"""Stores of other packages."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from horizon import Job, register_driver
from horizon.backends import bare, drivers
from horizon.backends.connect import check, connect
from horizon.core import current
from horizon.core.errors import ConfigurationError
from tests.backends.counting import CountingBackend, pushed
from tests.jobs.hands import Hands, runtime

PATH = "tests.backends.counting:CountingBackend"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _unregistered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drivers, "_registered", {})


@pytest.mark.parametrize("driver", [PATH, CountingBackend])
def test_a_registered_driver_opens_addresses_of_its_scheme(driver: Any) -> None:
    register_driver("counting", driver)
    check("counting://here")
    assert isinstance(connect("counting://here"), CountingBackend)


def test_an_app_runs_its_jobs_there() -> None:
    class Hello(Job, name="test-driver-hello"):
        def handle(self) -> str:
            return "hello"

    register_driver("counting", PATH)
    made = runtime("counting://here")
    with current.use(made):
        hands = Hands(made)
        Hello.dispatch()
        assert hands.run_one().result == b'{"result":"hello"}'
        assert pushed["test-driver-hello"] == 1
    made.close()


def test_a_guardian_which_loads_no_app_is_told_where_the_driver_is() -> None:
    register_driver("counting", PATH)
    told = runtime("counting://here").resolved()
    drivers._registered.clear()
    assert told["driver"] == PATH
    assert isinstance(bare.connect(told), CountingBackend)
    assert runtime("memory://").resolved()["driver"] is None


def test_a_package_names_its_driver_by_an_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint(name="counting", value=PATH, group=drivers.GROUP)
    monkeypatch.setattr(
        drivers, "entry_points", lambda group, name="counting": [point] if (group, name) == (point.group, "counting") else []
    )
    assert isinstance(connect("counting://here"), CountingBackend)
    with pytest.raises(ConfigurationError, match=r"rediss://, counting://; got oracle://"):
        connect("oracle://here")


@pytest.mark.parametrize(
    ("scheme", "driver", "problem"),
    [
        ("redis", PATH, "Horizon's own"),
        ("sync", PATH, "Horizon's own"),
        ("Upper", PATH, "a scheme begins"),
        ("x", "nothing", "a driver is a class"),
        ("x", "__main__:Mine", "a driver is a class"),
        ("x", 7, "a driver is a class"),
    ],
)
def test_what_cannot_be_one_is_refused_where_it_is_written(scheme: str, driver: Any, problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        register_driver(scheme, driver)


def test_a_driver_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    register_driver("counting", "tests.backends.counting:Nothing")
    with pytest.raises(ConfigurationError, match="cannot be loaded: AttributeError"):
        connect("counting://here")


def test_it_passes_the_suite_that_every_store_has_to_pass() -> None:
    """Topic by topic the same tests; here those that a driver gets wrong first."""
    topics = [f"tests/conformance/test_{topic}.py" for topic in ("push", "turn", "settle")]
    environment = {**os.environ, "HORIZON_TEST_DRIVER": f"counting={PATH}"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *topics]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-1_000:]
    assert " passed" in done.stdout
