"""The examples of batches, chains and workflows in real processes: a worker that imports their jobs, and a store in a file."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from horizon import batch, chain
from tests.e2e import worker_app
from tests.e2e.worker_site import Site, site, soon
from tests.examples import group_jobs
from tests.stores.lending import fresh

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("groups"), URL=fresh("sqlite"), IMPORTS="tests.examples.group_jobs", LEASE=3) as made:
        made.ready(made.work("--processes", "2"), 2)
        yield made


def run(here: Site, name: str) -> Any:
    """Dispatch an example from its first line."""
    path = f"tests.examples.{name}"
    sys.modules.pop(path, None)
    with here.app.app_context():
        return importlib.import_module(path)


def ended(id: Any) -> Any:
    """The handle of a group once it has ended, with all its callbacks."""
    assert soon(lambda: id.record().ended)
    store = id._runtime.backend()
    assert soon(lambda: all(job.state.terminal for job in store.groups.callbacks(id)))
    return id.find()


def test_the_batch_of_the_page(here: Site) -> None:
    page = run(here, "batches")
    here.let_go("held-item")
    found = ended(page.batch_id)
    assert (found.state, found.total_jobs, found.failed_jobs, found.processed_jobs) == ("completed", 4, 1, 4)
    assert here.effects("done") == [["Data-Processing-Batch", "100"]]
    assert here.effects("end") == [[]]
    assert here.effects("b-after") == [["a"]]
    assert soon(lambda: here.effects("progress")[-1:] == [["100"]])  # it is told once more, should it have been running at the end
    assert here.effects("first-failure") == []
    assert page.b.cancelled() is False


def test_the_batch_of_the_guide(here: Site, capsys: pytest.CaptureFixture[str]) -> None:
    page = run(here, "batches_of_the_guide")
    found = ended(page.batch_id)
    assert (found.state, found.failed_jobs) == ("failed", 2)
    assert here.effects("catch") == [["ValueError", "bad", "item"]]
    assert here.effects("finally") == [["finished"]]
    assert here.effects("then") == []
    assert "Processed: " in capsys.readouterr().out


def test_the_chain_of_both(here: Site, capsys: pytest.CaptureFixture[str]) -> None:
    page = run(here, "chains")
    status = ended(page.chain_id).get_status()
    assert (status.state, status.current_step, status.progress) == ("completed", 4, 100)
    assert [(step.name.rpartition(":")[2], step.state) for step in status.steps] == [
        ("ExtractDataJob", "completed"), ("TransformDataJob", "completed"), ("LoadDataJob", "completed"), ("NotifyCompletionJob", "completed"),
    ]  # fmt: skip
    assert here.effects("previous") == here.effects("loads") == [["..."]]
    assert here.effects("chain-failed") == []
    assert "Current step: " in capsys.readouterr().out


def test_the_workflow_of_the_page(here: Site) -> None:
    page = run(here, "workflows")
    assert ended(page.w.id).state == "completed"
    assert here.effects("load") == [["2", "10"]]


def test_a_member_that_adds_to_its_batch_and_runs_again_adds_nothing_twice(here: Site) -> None:
    before = len(here.effects("item"))
    with here.app.app_context():
        id = batch([group_jobs.Grows()]).dispatch()
    assert (ended(id).state, id.record().total) == ("completed", 2)  # type: ignore[union-attr]
    assert here.effects("item")[before:] == [["added"]]


def test_a_batch_goes_on_where_the_process_of_a_member_was_killed_and_is_told_once(here: Site) -> None:
    with here.app.app_context():
        id = (
            batch([worker_app.hold.job("held"), chain([worker_app.effect.job(1), worker_app.effect.job(2)])])
            .then(group_jobs.NotifyCompletionJob())
            .finally_(group_jobs.on_end)
            .dispatch()
        )
    told = len(here.effects("notified")), len(here.effects("end"))
    (_, pid), *_ = soon(lambda: [words for words in here.effects("hold") if words[0] == "held"])
    os.kill(int(pid), signal.SIGKILL)
    soon(lambda: len([words for words in here.effects("hold") if words[0] == "held"]) == 2)
    assert id.record().state == "running"  # type: ignore[union-attr]
    here.let_go("held")
    assert ended(id).state == "completed"
    assert (len(here.effects("notified")), len(here.effects("end"))) == (told[0] + 1, told[1] + 1)
