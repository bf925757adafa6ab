from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest

from horizon.backends.connect import connect
from horizon.backends.values import StoreOptions
from horizon.core.clock import DAY, SECOND, ManualClock
from horizon.core.errors import BackendUnavailable
from horizon.schedule.punctual import EVERY, Punctual
from horizon.timetable.declared import declare
from horizon.timetable.wanted import Wanted
from tests.schedule.office import Office, Report, alone  # noqa: F401
from tests.waiting import until


@pytest.fixture
def office() -> Iterator[Office]:
    backend = connect("memory://")
    yield Office(backend)
    backend.close()


@pytest.fixture
def punctual(office: Office) -> Iterator[Punctual]:
    made = Punctual(office.runtime, lambda: 1)
    yield made
    made.stop()


def test_it_wakes_for_what_is_due_and_tells_the_code_what_it_said(office: Office, punctual: Punctual) -> None:
    declare(office.runtime.schedules, Wanted(target=Report, when="every 1s", name="tick"))
    punctual.start()
    until(lambda: len(office.jobs("tick")) >= 2)


def test_it_pauses_until_the_next_one_comes_and_no_longer_than_a_second() -> None:
    clock = ManualClock(20_000 * DAY + SECOND // 4)
    office = Office(connect("memory://", StoreOptions(clock=clock)))
    punctual = Punctual(office.runtime, lambda: 1)
    assert punctual.look(1) == EVERY
    office.add(name="later", when="every 1h")
    assert punctual.look(1) == EVERY
    made = office.add(name="soon", when="every 1s")
    assert punctual.look(1) == made.next_at - clock() == SECOND * 3 // 4
    office.backend.close()


def test_who_does_not_lead_dispatches_nothing_and_asks_the_store_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office.runtime, "backend", lambda *_: pytest.fail("it asked the store"))
    follower = Punctual(office.runtime, lambda: None)
    follower.run()
    assert follower.pause == EVERY


def test_a_store_that_does_not_answer_is_told_once_and_asked_again(
    office: Office, punctual: Punctual, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def silent(*_: object) -> object:
        raise BackendUnavailable("no answer")

    with monkeypatch.context() as broken, caplog.at_level(logging.WARNING):
        broken.setattr(office.runtime, "backend", silent)
        punctual.run()
        punctual.run()
    assert [record.getMessage() for record in caplog.records] == ["schedules wait for their store: no answer"]
    office.add(name="tick", when="every 1s")
    punctual.start()
    until(lambda: office.jobs("tick"))


def test_stopping_ends_its_thread(office: Office) -> None:
    before = threading.active_count()
    made = Punctual(office.runtime, lambda: 1)
    made.start()
    made.start()
    made.stop()
    until(lambda: threading.active_count() <= before)
