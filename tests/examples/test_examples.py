"""The examples of the public interface, as far as this release goes, run as they stand."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from horizon import JobState
from horizon.core import current
from horizon.jobs.routing import PROCESS
from horizon.runtime import Runtime
from horizon.security import keys
from tests.jobs.hands import Hands, runtime


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runtime]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(PROCESS, "_queues", {})
    made = runtime()
    with current.use(made):
        yield made


def example(name: str) -> Any:
    """Run an example from its first line."""
    path = f"tests.examples.{name}"
    loaded: ModuleType | None = sys.modules.get(path)
    return importlib.import_module(path) if loaded is None else importlib.reload(loaded)


def test_a_job_a_function_and_an_async_job(here: Runtime) -> None:
    page = example("a_job")
    page.SendEmail.dispatch("a", "b", "c")
    page.Poll.dispatch()
    hands = Hands(here)
    states = {record.name.rpartition(":")[2]: record.state for record in here.backend().many([outcome.id for outcome in hands.run()])}
    assert states == {"make_report": JobState.COMPLETED, "SendEmail": JobState.COMPLETED, "Poll": JobState.COMPLETED}


def test_mounting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = example("mounting")
    assert page.app.extensions["horizon"].runtime.url().startswith("sqlite:///")


def test_dispatching_in_every_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = example("dispatching")
    backend = page.app.extensions["horizon"].runtime.backend()
    backend.tick()
    assert page.job_id.record().queue == "high-priority"
    assert page.record.state is JobState.BLOCKED
    assert (page.record.user, page.record.tenant, page.record.max_tries, page.record.priority) == ("7", "acme", 5, 20)
    assert page.words.record().state is JobState.CANCELLED
    page.context.pop()


def test_unique(here: Runtime) -> None:
    page = example("unique")
    assert page.first is not None
    assert page.second is None


def test_secured(here: Runtime) -> None:
    made = runtime(KEYS=[keys.generate()], PERMISSIONS=lambda user: {"process_payments"} if user == "ana" else set())
    with current.use(made):
        page = example("secured")
        assert not any(b"4111" in (record.payload or b"") for id in page.ids if (record := made.backend().get(str(id))))
        Hands(made).run()
    assert page.seen == [{"number": "4111"}, 3000]


def test_queues_and_middleware(here: Runtime) -> None:
    assert example("queues_and_middleware").result == "done"


def test_the_guide(here: Runtime, capsys: pytest.CaptureFixture[str]) -> None:
    made = runtime(KEYS=[keys.generate()], PERMISSIONS=lambda user: {"process_payments"} if user == "ana" else set())
    with current.use(made):
        page = example("of_the_guide")
        record = page.job_id.record()
        assert (record.queue, record.priority, len(page.sent)) == ("high-priority", 10, 1)
        assert [page.ProcessUserDataJob.dispatch(7) is None for _ in range(2)] == [False, True]
        page.ProcessSensitiveDataJob.dispatch("a diagnosis")
        page.ProcessPaymentJob({"number": "4111"}).for_user("ana").dispatch()
        Hands(made).run()
        assert (len(page.sent), page.seen) == (3, ["a diagnosis", {"number": "4111"}])
        page.look()
    assert "Jobs in queue: 0\nFailed jobs: 0" in capsys.readouterr().out


def test_metrics(here: Runtime) -> None:
    page = example("metrics")
    assert (page.q.pending, page.q.failed) == (0, 0)


def test_inside_handle(here: Runtime) -> None:
    page = example("inside_handle")
    Hands(here).run()
    assert page.seen == [(1, page.ids[0], False)]
    states = [record.state for record in here.backend().many(page.ids)]
    assert states == [JobState.COMPLETED, JobState.SCHEDULED, JobState.FAILED, JobState.CANCELLED]
