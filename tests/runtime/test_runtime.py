from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from horizon.core import current
from horizon.core.clock import SECOND
from horizon.core.errors import ConfigurationError
from horizon.core.settings import Settings
from horizon.runtime import Runtime, retention
from tests.jobs.hands import runtime
from tests.jobs.sample import SendEmail


def test_a_store_is_opened_when_first_asked_for_and_kept() -> None:
    here = runtime(CONNECTIONS={"archive": "memory://"})
    assert here.connections() == ("default", "archive")
    assert here.backend() is here.backend("default")
    assert here.backend("archive") is not here.backend()
    assert here.backend("archive").name == "archive"


def test_threads_that_ask_at_once_get_the_same_store(monkeypatch: pytest.MonkeyPatch) -> None:
    here, gate, found = runtime(), threading.Barrier(8), []

    def ask() -> None:
        gate.wait(30)
        found.append(here.backend())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 8
    assert len(set(map(id, found))) == 1


def test_closing_lets_go_and_the_next_use_opens_again(tmp_path: Path) -> None:
    here = runtime(f"sqlite:///{tmp_path}/a.db")
    with current.use(here):
        id = SendEmail.dispatch("a")
        first = here.backend()
        here.close()
        assert here.backend() is not first
        assert id is not None
        assert id.record() is not None
    here.close()


@pytest.mark.parametrize("connections", [{"a": 3}, {"a": {}}, {"a": {"url": "memory://", "colour": 1}}, {"default": "memory://other"}])
def test_a_connection_that_is_none_is_refused(connections: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        runtime(CONNECTIONS=connections)


def test_an_unknown_connection_and_an_unknown_scheme_are_told() -> None:
    with pytest.raises(ConfigurationError, match="no connection 'gone'"):
        runtime().backend("gone")
    with pytest.raises(ConfigurationError, match="nonsense"):
        runtime("nonsense://x").backend()


def test_the_resolved_settings_are_plain_json_with_what_a_guardian_needs() -> None:
    here = runtime("memory://", LEASE=20, CODE_VERSION="v1")
    resolved = json.loads(json.dumps(here.resolved()))
    assert resolved["lease"] == 20
    assert resolved["code_version"] == "v1"
    assert resolved["url"] == "memory://"
    assert {"connection", "grace", "cancel_grace", "synchronous", "busy_timeout", "boot_timeout", "retention"} <= resolved.keys()


def test_retention_is_in_the_stores_unit() -> None:
    kept = retention(Settings({"HORIZON_KEEP_COMPLETED": 5, "HORIZON_UNDO": 60}, environ={}))
    assert (kept.completed, kept.undo, kept.completed_jobs) == (5 * SECOND, 60 * SECOND, 100_000)


def test_building_makes_it_the_one_that_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current, "_known", [])
    monkeypatch.setattr(current, "_finders", [])
    here = Runtime.build(Settings({}, environ={}), url="memory://")
    assert current.get() is here


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_the_child_of_a_fork_opens_its_own_stores(tmp_path: Path) -> None:
    here = runtime(f"sqlite:///{tmp_path}/a.db")
    parents = here.backend()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            with current.use(here):
                SendEmail.dispatch("from the child")
            os.write(writing, b"new" if here.backend() is not parents else b"old")
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        assert pipe.read() == b"new"
    os.waitpid(child, 0)
    assert here.backend() is parents
    assert parents.remaining() == 1
    here.close()
