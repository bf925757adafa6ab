"""A connection that runs jobs where they are dispatched."""

from __future__ import annotations

import pytest

from horizon import Job
from horizon.core import current
from horizon.core.errors import ConfigurationError, InvalidOption, NotFound
from tests.jobs.hands import runtime

RAN: list[str] = []


class Note(Job):
    def __init__(self, text: str) -> None:
        self.text = text

    def handle(self) -> None:
        RAN.append(self.text)
        if self.text == "bad":
            raise ValueError("a bad note")

    def failed(self, exception: Exception) -> None:
        RAN.append(f"failed: {exception}")


@pytest.fixture(autouse=True)
def _nothing_ran() -> None:
    RAN.clear()


def test_a_job_runs_at_once_and_no_store_hears_of_it() -> None:
    here = runtime(CONNECTIONS={"inline": "sync://"})
    with current.use(here):
        id = Note("a").on_connection("inline").delay_until(60).dispatch()
        assert RAN == ["a"]
        assert id is not None
        assert id.record() is None
        with pytest.raises(NotFound, match="run where it was dispatched"):
            id.wait(1)
    assert here.connections() == ("default",)
    assert here.backend().remaining() == 0


def test_its_exception_reaches_the_caller_after_failed_was_called() -> None:
    with current.use(runtime(CONNECTIONS={"inline": "sync://"})), pytest.raises(ValueError, match="a bad note"):
        Note("bad").on_connection("inline").dispatch()
    assert RAN == ["bad", "failed: a bad note"]


def test_a_queue_can_be_mapped_to_it_and_many_run_in_order() -> None:
    here = runtime(CONNECTIONS={"inline": "sync://"})
    here.routing.define_queue("notes", connection="inline")
    Note.queue = "notes"
    try:
        with current.use(here):
            Note.dispatch_many([("a",), ("b",)])
    finally:
        Note.queue = None
    assert RAN == ["a", "b"]


def test_the_default_connection_is_a_store() -> None:
    with pytest.raises(ConfigurationError, match="default"):
        runtime("sync://")


def test_there_is_no_store_to_ask() -> None:
    with pytest.raises(ConfigurationError, match="keeps nothing"):
        runtime(CONNECTIONS={"inline": "sync://"}).backend("inline")


def test_queues_of_our_own_are_nobody_elses() -> None:
    with current.use(runtime()), pytest.raises(InvalidOption, match="Horizon's own"):
        Note("a").on_queue("horizon:to:redis:mails").dispatch()
