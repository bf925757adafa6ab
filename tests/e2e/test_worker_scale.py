"""The number of a worker's processes, set while it runs: more come, and those that are too many go when what they run is over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from horizon.control.processes import ProcessControl, living
from horizon.security.permissions import Actor
from tests.e2e import worker_app
from tests.e2e.worker_site import Site, site, soon

pytestmark = pytest.mark.e2e
ANA = Actor(name="ana", role="admin")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Site]:
    with site(tmp_path, LEASE=3) as made:
        yield made


def test_a_worker_grows_shrinks_to_one_and_loses_no_job(here: Site) -> None:
    worker = here.ready(here.work("--processes", "1", "--concurrency", "1", "--max-processes", "3"))
    runtime = here.app.extensions["horizon"].runtime
    control = ProcessControl(runtime)

    def told() -> tuple[int, object]:
        (record,) = living(runtime.backend())
        ready = sum(executor.get("phase") == "ready" for executor in record.report.executors)
        return ready, record.report.limits.get("scaled")

    (record,) = living(runtime.backend())
    control.scale(ANA, record.info.id, 3)
    assert soon(lambda: told()[0] == 3)
    jobs = [here.push(worker_app.hold, "held") for _ in range(3)]
    soon(lambda: len(here.effects("hold")) == 3)

    control.scale(ANA, record.info.id, None)
    soon(lambda: told()[1] is None)
    assert len(worker.executors()) == 3
    assert soon(lambda: sum(executor["leaves"] is True for executor in living(runtime.backend())[0].report.executors) == 2)
    here.let_go("held")
    assert {here.wait(id).state for id in jobs} == {"completed"}
    assert soon(lambda: len(worker.executors()) == 1)
    assert here.wait(here.push(worker_app.effect, 1)).state == "completed"
