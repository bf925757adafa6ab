"""What is loaded by an import: measured in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache

import pytest

from tests.architecture.tree import ROOT, is_standard, modules

HEAVY = {"flask", "click", "sqlalchemy", "alembic", "apscheduler", "werkzeug", "jinja2"}
NURSERY = """
import asyncio, concurrent.futures, dataclasses, decimal, inspect, json, logging, os, ssl, statistics, sys, traceback, typing, zoneinfo
for line in sys.stdin:
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        continue
    try:
        exec(json.loads(line), {"__name__": "__main__"})
        told = sorted(sys.modules)
    except BaseException:
        told = traceback.format_exc()
    print(json.dumps(told), flush=True)
    os._exit(0)
"""
"""A Python that knows nothing but what belongs to it, and is born again for each statement: to start one takes longer than most of them."""


def loaded_by(statement: str) -> set[str]:
    """Packages in memory after a fresh Python ran this; ours and Python's own left out."""
    bare = _packages("pass")
    return {name for name in _packages(statement) - bare if name != "horizon" and not is_standard(name)}


@cache
def _packages(statement: str) -> frozenset[str]:
    return frozenset(name.split(".")[0] for name in modules_after(statement))


def modules_after(statement: str) -> list[str]:
    """All modules in memory after a fresh Python ran this."""
    nursery = _nursery()
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    print(json.dumps(statement), file=nursery.stdin, flush=True)
    told = json.loads(nursery.stdout.readline())
    assert isinstance(told, list), told
    return told


@cache
def _nursery() -> subprocess.Popen[str]:
    """Ends with this process, whose end of the pipe it reads."""
    return subprocess.Popen([sys.executable, "-c", NURSERY], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize(
    "statement",
    [
        "import horizon",
        "from horizon import Job",
        "from horizon import Job, job, JobState, Priority, dispatch, on, define_queue, HorizonError",
        "from horizon import Job\nclass Mail(Job):\n    def handle(self): ...",
        "import horizon.backends.base, horizon.backends.connect, horizon.core.settings",
        "from horizon.backends.connect import connect; connect('memory://').now()",
    ],
    ids=["horizon", "Job", "the words of jobs", "a job class", "the contract", "memory"],
)
def test_writing_jobs_loads_no_third_party_package(statement: str) -> None:
    assert loaded_by(statement) == set()


@pytest.mark.parametrize("name", sorted(name for name in modules() if name.split(".")[1:2] in (["core"], ["jobs"], ["middleware"])))
def test_each_module_of_these_rooms_loads_alone_and_light(name: str) -> None:
    assert loaded_by(f"import {name}") == set()


@pytest.mark.parametrize("name", ["horizon.worker.guardian", "horizon.backends.database.bare"])
def test_the_guardian_loads_neither_web_nor_command_line_nor_sqlalchemy(name: str) -> None:
    assert loaded_by(f"import {name}") & HEAVY == set()


def test_importing_horizon_loads_none_of_its_rooms() -> None:
    assert [name for name in modules_after("import horizon") if name.startswith("horizon")] == ["horizon"]
