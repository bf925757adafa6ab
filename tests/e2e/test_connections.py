"""One `horizon work` for an app with several connections."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from horizon import on
from tests.e2e import worker_app
from tests.e2e.worker_site import Site, alive, site, soon

pytestmark = pytest.mark.e2e


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    more = json.dumps({"far": f"sqlite:///{tmp_path / 'far.db'}"})
    monkeypatch.setenv("HORIZON_CONNECTIONS", more)
    with site(tmp_path, CONNECTIONS=more) as made:
        yield made


def push_far(two: Site, n: int) -> str:
    with two.app.app_context():
        return str(on("default").on_connection("far").dispatch(worker_app.effect.job(n)))


def test_one_worker_serves_every_connection_until_all_are_empty(two: Site) -> None:
    two.push(worker_app.effect, 1)
    push_far(two, 2)
    worker = two.work("--stop-when-empty")
    assert worker.ended() == 0, worker.said
    assert sorted(int(n) for n, _ in two.effects("effect")) == [1, 2]


def test_a_connection_that_is_down_stops_only_its_own_jobs_and_a_stop_ends_them_all(two: Site, tmp_path: Path) -> None:
    (tmp_path / "far.db").mkdir()  # no file can be opened there
    worker = two.work()
    id = two.push(worker_app.effect, 1)
    assert two.wait(id).state == "completed"
    soon(lambda: "the connection far has ended" in worker.said)
    (tmp_path / "far.db").rmdir()
    push_far(two, 2)
    soon(lambda: ["2"] in [words[:1] for words in two.effects("effect")])
    worker.signal(signal.SIGTERM)
    assert worker.ended() == 0, worker.said


def test_its_parts_do_not_outlive_it(two: Site) -> None:
    worker = two.work()
    sessions = soon(lambda: [one for one in two.backend.sessions.list(kind="worker") if one.alive])
    worker.process.kill()
    pid = sessions[0].info.pid  # type: ignore[index]
    assert pid != worker.pid
    soon(lambda: not alive(pid))
    assert os.path.exists(two.folder)
